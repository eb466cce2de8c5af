/** The README is true as far as a machine can tell: actions, parameters, properties, links, and the tests it names. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '../bench/measure/random.ts';
import { LocalAccount } from './local/account/account.ts';
import { lambdaActions } from './local/account/lambda-actions.ts';
import { cloudFormationActions } from './local/cloudformation/actions.ts';
import { CloudFormation } from './local/cloudformation/cloudformation.ts';
import { cloudWatchActions } from './local/cloudwatch/actions.ts';
import { stsActions } from './local/endpoints/account-actions.ts';
import { startFunction } from './local/function/process-runtime.ts';
import { MetricStore } from './local/metrics.ts';
import { IDEAL_PROFILE } from './local/profile.ts';
import { kinesisActions } from './local/stream/kinesis-actions.ts';
import { TestClock } from './local/testing/test-clock.ts';
import type { Json } from './template/resolved.ts';
import { parseTemplate } from './template/syntax.ts';
import { describeTypes, type TypeRow } from './template/testing/describe-types.ts';
import { REFUSED_TYPES } from './template/types.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const README = readFileSync(path.join(FOLDER, 'README.md'), 'utf8');
const FILES = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.\w+$/.test(path.basename(file)))
  .map((file) => file.split(path.sep).join('/'));

/** The part of the README between a heading and the next of its rank or above. */
function section(heading: string): string {
  const rank = heading.indexOf(' ');
  const rest = README.slice(README.indexOf(`\n${heading}\n`) + heading.length + 2);
  const end = rest.search(new RegExp(`^#{1,${rank}} `, 'm'));
  return end < 0 ? rest : rest.slice(0, end);
}

test('every row of behaviour has a confidence and a test, or says that it has none', () => {
  const rows = section('## Fidelity')
    .split('\n### Known differences')[0]!
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| AWS |'));
  assert.ok(rows.length > 120, `${rows.length} rows`);
  const incomplete = rows.filter((row) => {
    const [, , , , confidence = '', shownBy = '', end] = row.split(/(?<!\\) ?\| ?/);
    return end !== '' || !CONFIDENCE.test(confidence) || !/^(`[\w.-]+` \*|–$)/.test(shownBy);
  });
  assert.deepEqual(incomplete, []);
});

/** What a confidence speaks of: how AWS's side is known, or that there is no such thing on AWS. */
const CONFIDENCE = /\b(documented|observed|assumed|differs|local)\b/;

test('every link has an address, and every address is used', () => {
  const used = [...README.matchAll(/\]\[(\w+)\]/g)].map(([, name = '']) => name);
  const defined = [...README.matchAll(/^\[(\w+)\]: https:/gm)].map(([, name = '']) => name);
  assert.deepEqual([...new Set(used)].sort(), defined);
});

test('the actions of every endpoint are those of the stage', () => {
  const place = { region: 'us-east-1', accountId: '123456789012', clock: new TestClock() };
  const store = new MetricStore({ ...place, periodMs: 1_000 });
  const common = { ...place, random: seededRandom(1), profile: IDEAL_PROFILE, log: () => {} };
  const account = new LocalAccount({ ...common, newFunction: startFunction });
  const cloudFormation = new CloudFormation({ ...common, provisioner: account });
  const services = {
    CloudFormation: cloudFormationActions({ cloudFormation, reachable: (value) => value, tags: [] }),
    CloudWatch: cloudWatchActions({ ...place, store }),
    Kinesis: kinesisActions({ ...common, kinesis: account.kinesis, metrics: store }),
    Lambda: lambdaActions(account),
    STS: stsActions(place),
  };
  const rows = [...section('### AWS endpoints').matchAll(/^\| (\w+) \| [^|]+ \| ([\w, ]+) \|$/gm)];
  const written = rows.map(([, service = '', actions = '']) => [service, actions.split(', ').sort()]);
  const wanted = Object.entries(services).map(([service, actions]) => [service, Object.keys(actions).sort()]);
  assert.deepEqual(
    written.filter(([service]) => service !== 'service'),
    wanted,
  );
});

test('every test that is named exists', () => {
  const named = [...README.matchAll(/`([\w-]+(?:\.prop)?\.test\.ts)` \*([^*]+)\*/g)];
  assert.ok(named.length > 180, `${named.length} tests named`);
  const missing = named.filter(([, name = '', words = '']) => {
    const files = FILES.filter((file) => path.basename(file) === name);
    return files.length !== 1 || !files.flatMap(testNames).some((title) => title.includes(words));
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
