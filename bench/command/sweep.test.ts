/** What a sweep's end is called, and what it leaves to be made again. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { sweepFixture } from '../../reports/sweep/testing/fixture.ts';
import type { SweepCell, SweepResult } from '../model/sweep.ts';
import { SweepDirectory } from '../node/sweep-directory.ts';
import { exitCodeOf } from './sweep.ts';

const whole = sweepFixture('single');

function withFailure({ cells, ...sweep }: SweepResult): SweepResult {
  const [first, ...others] = cells as [SweepCell, ...SweepCell[]];
  const failed = { repeat: 2, startedAt: '', tookMs: 1, status: 'failed', error: 'no' } as const;
  return { ...sweep, cells: [{ ...first, runs: [first.runs[0]!, failed] }, ...others] };
}

test('a run that failed and a stack that is left are in the exit code, whatever the other cells say', () => {
  assert.equal(exitCodeOf(whole), 0);
  assert.equal(exitCodeOf(withFailure(whole)), 1);
  assert.equal(exitCodeOf({ ...whole, stacks: ['swept-1'] }), 1);
  assert.equal(exitCodeOf({ ...whole, leftOver: ['Events (AWS::Kinesis::Stream) events'] }), 1);
  assert.equal(exitCodeOf(sweepFixture('unmet')), 3);
  assert.equal(exitCodeOf(sweepFixture('invalid')), 4);
});

test('a run that sweep.json names is looked for: gone, unreadable or another one, it is told', (t) => {
  const place = mkdtempSync(path.join(os.tmpdir(), 'sweep-runs-'));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  const directory = SweepDirectory.make(path.join(place, 'sweep'));
  t.after(() => directory.discard());
  const save = (name: string, text: string) => {
    mkdirSync(path.join(place, 'sweep/cells/a', name), { recursive: true });
    writeFileSync(path.join(place, 'sweep/cells/a', name, 'result.json'), text);
  };
  save('1', JSON.stringify({ messages: { delivered: 7 } }));
  save('2', '{');
  save('3', JSON.stringify({ messages: { delivered: 8 } }));
  const figures = { delivered: 7 } as Parameters<SweepDirectory['problemOf']>[0]['figures'];
  const problems = ['1', '2', '3', '4'].map((name) =>
    directory.problemOf({ directory: `cells/a/${name}`, figures }),
  );
  assert.equal(problems[0], null);
  assert.match(problems[1] ?? '', /^can't be read: /);
  assert.equal(problems[2], 'is another run: its messages delivered are 8, and sweep.json says 7');
  assert.equal(problems[3], 'is not there');
  // As many messages, but another run's times.
  save('5', JSON.stringify({ messages: { delivered: 7 }, latency: { response: { p50: 99 } } }));
  assert.equal(
    directory.problemOf({
      directory: 'cells/a/5',
      figures: { ...figures, response: { p50: 20, p90: null, p99: null } },
    }),
    'is another run: its response p50 is 99, and sweep.json says 20',
  );
});
