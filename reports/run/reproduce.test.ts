import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import type { RunResult } from '../../bench/model/result.ts';
import { HOSTILE } from '../testing/fixture/situations.ts';
import { fixture } from '../testing/fixture.ts';
import { reproductionLines } from './reproduce.ts';

/** The flags of `bench run`; a report may name no others. */
const FLAGS =
  `stage connections connect-rate rate arrival in-flight duration warmup drain payload-bytes trace parameter
  template profile dispatch faults header threshold threads pacing masking seed name out`.split(/\s+/);

/** What a shell makes of the lines: the words that `npm` and the other commands get. */
function words(result: RunResult): string[] {
  const script = `npm() { printf '%s\\0' "$@"; }; git() { :; }\n${reproductionLines(result).join('\n')}\n`;
  return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

test('the command holds the whole plan in flags that exist', () => {
  const got = words(fixture('valid').result).slice(1);
  const flags = got.filter((word) => word.startsWith('--') && word !== '--').map((word) => word.slice(2));
  assert.deepEqual(
    flags.filter((flag) => !FLAGS.includes(flag)),
    [],
  );
  const line = got.join(' ');
  for (const part of [
    'run bench --',
    '--rate 500',
    '--arrival constant',
    '--duration 1m',
    '--trace',
    '--seed 42',
  ]) {
    assert.ok(line.includes(part), part);
  }
  assert.ok(got.includes('latency.response.p99 < 250') && got.includes('ShardCount=2'));
});

test('a header is named and its value left to the reader', () => {
  assert.ok(words(fixture('valid').result).includes('Authorization: VALUE'));
});

test('a closed loop is reproduced as one, and a remote stage without local settings', () => {
  const { result } = fixture('invalid');
  const got = words({ ...result, plan: { ...result.plan, load: { kind: 'closed', inFlight: 4 } } }).join(' ');
  assert.match(got, /--in-flight 4/);
  assert.doesNotMatch(got, /--rate|--profile|--parameter|--trace|--region/);
});

test('a stack is named with its region where the plan chose one', () => {
  const { result } = fixture('deployed');
  assert.match(words(result).join(' '), /--stage orders-test --region eu-west-1/);
  const plan = { ...result.plan, region: null };
  assert.doesNotMatch(words({ ...result, plan }).join(' '), /--region/);
});

test('hostile words reach the program as they are and run nothing', () => {
  const { result } = fixture('valid');
  const evil = `$(touch /tmp/hacked) \`id\` ; & | > 'x' "y" \\ !`;
  const got = words({
    ...result,
    plan: { ...result.plan, name: evil, template: '--out', headerNames: [HOSTILE] },
  });
  assert.ok(got.includes(evil));
  assert.ok(got.includes(`${HOSTILE}: VALUE`));
  assert.ok(got.includes('--template=--out'));
});

test('the commit is checked out where it is known', () => {
  const { result } = fixture('valid');
  assert.match(reproductionLines(result)[0] ?? '', /^git checkout 2019bec/);
  const unknown = { ...result, environment: { ...result.environment, commit: null } };
  assert.equal(reproductionLines(unknown)[0], 'npm ci');
});
