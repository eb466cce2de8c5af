import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asked, type Typed } from '../command/testing/asked.ts';
import { parseWorker, WORKER_FLAGS } from '../command/worker-options.ts';
import { workerNeed } from '../measure/fleet/need.ts';
import { planWith } from '../sim/testing/plan.ts';
import { pairsOf, printed } from './engine.ts';
import { podsIn } from './engine-kubernetes.ts';
import { reasonsIn, sbatchArguments, statesIn } from './engine-slurm.ts';

test('squeue tells the state of each task, in the forms of Slurm 22 and of later ones', () => {
  const old = {
    jobs: [
      { job_id: 9, array_job_id: 7, array_task_id: 0, array_task_string: '', job_state: 'RUNNING' },
      { job_id: 7, array_job_id: 7, array_task_id: null, array_task_string: '2-3,5', job_state: 'PENDING' },
      { job_id: 10, array_job_id: 7, array_task_id: 1, array_task_string: '', job_state: 'NODE_FAIL' },
      { job_id: 11, array_job_id: 8, array_task_id: 4, array_task_string: '', job_state: 'RUNNING' },
    ],
  };
  const expected = ['running', 'failed', 'queued', 'queued', 'unknown', 'queued'];
  assert.deepEqual(statesIn(JSON.stringify(old), 7, 6), expected);
  const late = {
    job_id: 9,
    array_job_id: { number: 7 },
    array_task_id: { number: 0 },
    job_state: ['COMPLETED'],
  };
  assert.deepEqual(statesIn(JSON.stringify({ jobs: [late] }), 7, 2), ['done', 'unknown']);
});

test('squeue tells why tasks wait, and what is ordinary is not told', () => {
  const entry = (job_id: number, state_reason: string, job_state = 'PENDING') => ({
    ...{ job_id, array_job_id: 7, array_task_id: null, array_task_string: '0', job_state, state_reason },
  });
  const jobs = [
    ...[entry(7, 'Resources'), entry(8, 'Resources'), entry(9, 'None')],
    ...[entry(10, 'QOSMaxJobs', 'RUNNING'), { ...entry(11, 'Dependency'), array_job_id: 3 }],
  ];
  assert.deepEqual(reasonsIn(JSON.stringify({ jobs }), 7), ['Resources']);
});

test('Slurm ends a task that is of no more use, unless the user says how long it may take', () => {
  const job = { name: 'bench-1', of: 3, command: ['worker'], limitSeconds: 901 };
  const options = { arguments: ['--time=30'], directory: '/runs' };
  assert.deepEqual(sbatchArguments(job, options), [
    ...['--parsable', '--array=0-2', '--job-name=bench-1', '--output=/runs/worker-%a.log', '--no-requeue'],
    ...['--time=16', '--time=30'],
  ]);
});

test('pods are known by their completion index', () => {
  const pod = (index: string, phase: string) => ({
    metadata: { name: `p${index}`, annotations: { 'batch.kubernetes.io/job-completion-index': index } },
    status: { phase },
  });
  const stranger = { metadata: { name: 's' }, status: { phase: 'Running' } };
  assert.deepEqual(podsIn(JSON.stringify({ items: [pod('1', 'Failed'), pod('0', 'Running'), stranger] })), [
    { name: 'p1', index: 1, state: 'failed', holdup: null },
    { name: 'p0', index: 0, state: 'running', holdup: null },
  ]);
});

test('an engine’s options are named when they are wrong or missing', () => {
  assert.equal(pairsOf(['image=a=b'], ['image']).image, 'a=b');
  assert.throws(() => pairsOf([], ['image']), /image=… must be given$/);
  assert.throws(() => pairsOf([], ['image'], [], '; do this'), /image=… must be given; do this$/);
  assert.throws(() => pairsOf(['imag=a'], ['image']), /'imag=a' is not one of image=…/);
});

test('a program that is missing is told with what to install', async () => {
  const missing = printed({ program: 'no-such-program', args: [], remedy: 'install it' });
  await assert.rejects(missing, /no-such-program is missing: install it/);
});

test('a worker finds its place in the environment of each engine', () => {
  const placed = (typed: Typed<typeof WORKER_FLAGS>, environment: Readonly<Record<string, string>>) =>
    parseWorker(
      asked(WORKER_FLAGS, { plan: 'p', out: 'o', startAt: '2030-01-01T00:00:00Z', ...typed }),
      environment,
    );
  const slurm = placed({}, { SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_TASK_COUNT: '4' });
  assert.deepEqual(slurm.share, { index: 3, of: 4 });
  const batch = placed({ of: '9' }, { AWS_BATCH_JOB_ARRAY_INDEX: '8' });
  assert.deepEqual(batch.share, { index: 8, of: 9 });
  const kubernetes = placed({ of: '2' }, { JOB_COMPLETION_INDEX: '0' });
  assert.deepEqual(kubernetes.share, { index: 0, of: 2 });
  assert.throws(() => placed({ startAt: '2030-01-01T00:00:00' }, {}), /start-at: .*\nof: .*\nindex: /s);
});

test('the need of a plan is by connections or by rate', () => {
  const plan = planWith({
    connections: 200_000,
    connectRatePerSecond: 500,
    load: { kind: 'open', ratePerSecond: 10_000, arrival: 'constant' },
  });
  const need = workerNeed(plan, 5_000);
  assert.deepEqual([need.workers, need.byConnections, need.byRate, need.openingMs], [10, 10, 3, 400_000]);
});
