/** The memory of a simulation is told before it starts, is enough, and what is short is refused with the remedy. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { simulate } from '../sim/simulate.ts';
import { planWith } from '../sim/testing/plan.ts';
import { memoryLimits, memoryNeeded, memoryNote, memoryProblems } from './simulation-memory.ts';

const GB = 1e9;
const load = { kind: 'open', ratePerSecond: 5_000, arrival: 'constant' } as const;
const million = planWith({ connections: 1_000_000, load, warmupMs: 2_000, durationMs: 10_000 });

test('what a million connections need is told, and refused where heap or machine have less', () => {
  assert.equal(memoryNote(million), 'takes up to 2.8 GB of memory');
  assert.equal(memoryNote(planWith({})), null);
  assert.deepEqual(memoryProblems(million, { heap: 3 * GB, available: 3 * GB }), []);
  assert.deepEqual(memoryProblems(million, { heap: 2 * GB, available: 3 * GB }), [
    'connections: simulating 1000000 connections takes up to 2.8 GB of memory, and Node gives its heap 2.0 GB; ' +
      'put NODE_OPTIONS=--max-old-space-size=2678 before the same command, or use fewer connections',
  ]);
  assert.deepEqual(memoryProblems(million, { heap: 4 * GB, available: 1 * GB }), [
    'connections: simulating 1000000 connections takes up to 2.8 GB of memory, and 1.0 GB are available; ' +
      'use fewer connections, or another machine',
  ]);
  assert.deepEqual(memoryProblems(planWith({}), memoryLimits()), [], 'the machine of the tests has enough');
});

test('a connection takes no more than is told', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = (): number => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const few = planWith({
    connections: 10,
    connectRatePerSecond: 20_000,
    load,
    warmupMs: 0,
    durationMs: 100,
    drainMs: 200,
  });
  const mostOf = async (connections: number): Promise<number> => {
    const bytes: number[] = [];
    const simulation = await simulate({
      plan: { ...few, connections },
      templateText: readFileSync(new URL('../../stack/template.yaml', import.meta.url), 'utf8'),
      templatePath: 'stack/template.yaml',
      functions: 'model',
      log: () => {},
      version: 'test',
      commit: null,
      interrupted: new AbortController().signal,
      observer: { phase: () => void bytes.push(used()) },
    });
    assert.equal(simulation.record.rollup.connections.opened, connections);
    // Once they are open; before, the world of the simulation before is still there.
    return Math.max(...bytes.slice(2));
  };
  const base = await mostOf(10);
  const grown = (await mostOf(3_000)) - base;
  const most = memoryNeeded({ ...few, connections: 3_000 }) - memoryNeeded(few);
  assert.ok(grown <= most && grown > most / 8, `${grown} of ${most} bytes`);
});
