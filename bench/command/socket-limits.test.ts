import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planWith } from '../sim/testing/plan.ts';
import { checkSocketLimits, filesNeeded, openFileProblems } from './socket-limits.ts';

const plan = planWith({ stage: 'local', connections: 5000, churnPerSecond: 100, threads: 4 });

test('open files are those of connections, of what churn is closing, of threads, and a reserve', () => {
  assert.equal(filesNeeded(plan), 5000 + 200 + 40 + 200);
});

test('a limit that suffices, or can’t be read, is no problem', () => {
  assert.deepEqual(openFileProblems(plan, { soft: 5440, hard: 5440 }), []);
  assert.deepEqual(openFileProblems(plan, null), []);
});

test('a limit that is short is named with what is needed, by whom, and the remedy', () => {
  const [problem] = openFileProblems(plan, { soft: 5439, hard: 5439 });
  assert.match(problem!, /driver and local stage each need 5440 open files and the hard limit is 5439/);
  assert.match(problem!, /ulimit -n 5440/);
});

test('everything that is missing is told together, before anything starts', () => {
  const hopeless = planWith({
    stage: 'wss://example.com',
    connections: 1_000_000_000,
    localAddresses: ['192.0.2.77'],
  });
  assert.throws(
    () => checkSocketLimits(hopeless),
    /open files(.|\n)*192\.0\.2\.77 is no address of this machine/,
  );
});
