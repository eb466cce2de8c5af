/** Names that are not flags, mistyped wherever a person writes them. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { temporaryDirectory } from '../testing/cli.ts';
import { refused } from './testing/refused.ts';

const directory = temporaryDirectory();
after(() => directory.remove());

test('a plan, a path of a threshold, a fault plan and a parameter that were mistyped name what was meant', async () => {
  assert.deepEqual(
    [
      await refused('run', 'quik'),
      await refused('run', '--threshold', 'latency.respnse.p99 < 5', '--faults', 'lossyy'),
      await refused('sweep', 'quick', '--vary', 'ShardCout=1,2').then(([code, [first]]) => [
        code,
        first?.match(/; did you mean .*?\?/)?.[0],
      ]),
    ],
    [
      [
        2,
        [
          "error: plan: there is no plan 'quik'; name a file, or one of bursty, closed-loop, quick, shards-and-batches; did you mean quick?",
        ],
      ],
      [
        2,
        [
          'error: faults: lossyy does not exist; did you mean lossy?',
          "error: threshold: 'latency.respnse.p99 < 5' names nothing that result.json has; bench/README.md lists what it has; did you mean latency.response.p99?",
        ],
      ],
      [2, '; did you mean ShardCount?'],
    ],
  );
});

test('a setting in a plan file that was mistyped names the one that was meant', async () => {
  const plan = path.join(directory.path, 'plan.yaml');
  writeFileSync(plan, 'connect-rate: 5\nconection: 4\n');
  assert.deepEqual(await refused('run', plan), [
    2,
    [
      'error: connect-rate: there is no such setting; did you mean connectRate?',
      'error: conection: there is no such setting; did you mean connections?',
    ],
  ]);
});

test('a flag that the other settings leave without effect is refused', async () => {
  assert.deepEqual(await refused('run', '--in-flight', '3', '--arrival', 'poisson'), [
    2,
    [
      'error: arrival: a closed loop sends when an answer comes; leave it out, or give a rate in place of inFlight',
    ],
  ]);
});

test('metrics of what is no run can not be read again, and the refusal says where the runs are', async () => {
  assert.deepEqual(await refused('report', directory.path, '--refresh-metrics'), [
    2,
    [
      `error: refresh-metrics: ${directory.path} has no result.json, so it is no run; the runs of a sweep or a search lie below it, and each is refreshed by itself`,
    ],
  ]);
});
