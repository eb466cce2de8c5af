/** The README is true as far as a machine can tell: files, parameters, properties, and the tests it names. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Json } from './local/template/resolved.ts';
import { parseTemplate } from './local/template/syntax.ts';
import { describeTypes, REFUSED_TYPES, type TypeRow } from './local/template/types.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const README = readFileSync(path.join(FOLDER, 'README.md'), 'utf8');
const FILES = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) =>
  /\.\w+$/.test(path.basename(file)),
);

/** The part of the README between a heading and the next of its rank or above. */
function section(heading: string): string {
  const rank = heading.indexOf(' ');
  const rest = README.slice(README.indexOf(`\n${heading}\n`) + heading.length + 2);
  const end = rest.search(new RegExp(`^#{1,${rank}} `, 'm'));
  return end < 0 ? rest : rest.slice(0, end);
}

test('every file is listed, and every file listed exists', () => {
  const listed = [...section('## Files').matchAll(/`([\w-]+(?:\.\w+)+)`/g)].map(([, name = '']) => name);
  const names = FILES.map((file) => path.basename(file));
  const wanted = names.filter((name) => !name.endsWith('.test.ts') && name !== 'README.md');
  assert.deepEqual(
    wanted.filter((name) => !listed.includes(name)),
    [],
    'not listed',
  );
  const invented = listed.filter((name) => !names.includes(name) && !/^x\./.test(name));
  assert.deepEqual(invented, [], 'listed, but not there');
});

test('every test that is named exists', () => {
  const named = [...README.matchAll(/`([\w-]+(?:\.prop)?\.test\.ts)` \*([^*]+)\*/g)];
  assert.ok(named.length > 80, `${named.length} tests named`);
  const missing = named.filter(([, name = '', words = '']) => {
    const file = FILES.find((candidate) => path.basename(candidate) === name);
    return !file || !testNames(file).some((title) => title.includes(words));
  });
  assert.deepEqual(
    missing.map(([mention]) => mention),
    [],
  );
});

/** The titles of a file's tests, as they stand in its source. */
function testNames(file: string): string[] {
  const source = readFileSync(path.join(FOLDER, file), 'utf8');
  return [...source.matchAll(/\btest\(\s*(['"`])(.*?)\1,/g)].map(([, , title = '']) => title);
}

test('parameters have the defaults and ranges of the template', () => {
  const text = readFileSync(path.join(FOLDER, 'template.yaml'), 'utf8');
  const parameters = parseTemplate(text, 'template.yaml').root.Parameters as Readonly<
    Record<string, Readonly<Record<string, Json>>>
  >;
  const rows = Object.entries(parameters).map(([name, parameter]) => {
    const { Default, AllowedValues, MinValue, MaxValue } = parameter;
    const range = Array.isArray(AllowedValues) ? AllowedValues.join(', ') : `${MinValue}–${MaxValue ?? ''}`;
    return `| \`${name}\` | ${Default} | ${range} |`;
  });
  const written = section('### Parameters').match(/^\| `\w+` \|[^|]*\|[^|]*\|/gm);
  assert.deepEqual(written, rows);
});

test('the table of properties is that of the resolver', () => {
  const types = [...new Set(describeTypes().map(({ type }) => type))];
  const table = [
    '| type | takes effect | accepted without effect | refused |',
    '|---|---|---|---|',
    ...types.map(
      (type) =>
        `| \`${type}\` | ${names(type, 'effective')} | ${names(type, 'inert')} | ${names(type, 'refused')} |`,
    ),
  ].join('\n');
  const [, written = ''] = /<!-- properties -->\n([\s\S]*?)\n?<!-- \/properties -->/.exec(README) ?? [];
  assert.equal(written, table, `the table should read:\n${table}`);
  for (const type of Object.keys(REFUSED_TYPES))
    assert.ok(section('### Properties').includes(`\`${type}\``), `${type} is not named`);
});

function names(type: string, effect: TypeRow['effect']): string {
  const rows = describeTypes().filter((row) => row.type === type && row.effect === effect);
  // A property that only holds others is told by those.
  const isOuter = (property: string) => rows.some((row) => row.property.startsWith(`${property}.`));
  return rows
    .map(({ property }) => property)
    .filter((property) => !isOuter(property))
    .join(', ');
}
