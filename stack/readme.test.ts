/** README.md, fidelity.md and local-stage.md are true as far as a machine can tell: actions, parameters, links, and the tests they name. */
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
import { MetricStore } from './local/cloudwatch/metrics.ts';
import { stsActions } from './local/endpoints/account-actions.ts';
import { startFunction } from './local/function/environment.ts';
import { IDEAL_PROFILE } from './local/profile.ts';
import { QUIRKS } from './local/quirks.ts';
import { kinesisActions } from './local/stream/kinesis-actions.ts';
import { TestClock } from './local/testing/test-clock.ts';
import { parseTemplate } from './template/syntax.ts';
import type { Json } from './template/value.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const textOf = (page: string) => readFileSync(path.join(FOLDER, page), 'utf8');
const README = textOf('README.md');
const FIDELITY = textOf('fidelity.md');
const LOCAL_STAGE = textOf('local/local-stage.md');
const FILES = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.\w+$/.test(path.basename(file)))
  .map((file) => file.split(path.sep).join('/'));

/** The part of a page between a heading and the next of its rank or above. */
function section(page: string, heading: string): string {
  const rank = heading.indexOf(' ');
  const rest = page.slice(page.indexOf(`\n${heading}\n`) + heading.length + 2);
  const end = rest.search(new RegExp(`^#{1,${rank}} `, 'm'));
  return end < 0 ? rest : rest.slice(0, end);
}

test('every row of behaviour has a confidence and a test, or says that it has none', () => {
  const rows = FIDELITY.split('\n## Known differences')[0]!
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
  for (const page of [README, FIDELITY, LOCAL_STAGE]) {
    const used = [...page.matchAll(/\]\[(\w+)\]/g)].map(([, name = '']) => name);
    const defined = [...page.matchAll(/^\[(\w+)\]: https:/gm)].map(([, name = '']) => name);
    assert.deepEqual([...new Set(used)].sort(), defined);
  }
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
  const rows = [
    ...section(LOCAL_STAGE, '## AWS endpoints').matchAll(/^\| (\w+) \| [^|]+ \| ([\w, ]+) \|$/gm),
  ];
  const written = rows.map(([, service = '', actions = '']) => [service, actions.split(', ').sort()]);
  const wanted = Object.entries(services).map(([service, actions]) => [service, Object.keys(actions).sort()]);
  assert.deepEqual(
    written.filter(([service]) => service !== 'service'),
    wanted,
  );
});

test('every test that is named exists', () => {
  const named = [
    ...`${README}${FIDELITY}${LOCAL_STAGE}`.matchAll(/`([\w-]+(?:\.(?:prop|run))?\.test\.ts)` \*([^*]+)\*/g),
  ];
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

test('every quirk is told', () => {
  const told = [...section(LOCAL_STAGE, '## Quirks').matchAll(/^\| `([a-z][\w-]+)/gm)].map(
    ([, name]) => name,
  );
  assert.deepEqual(told, Object.keys(QUIRKS));
});

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
  const written = section(README, '### Parameters').match(/^\| `\w+` \|[^|]*\|[^|]*\|/gm);
  assert.deepEqual(written, rows);
});
