/**
 * `bench run --stage STACK` as a user runs it, against the AWS endpoints of a local stage: found by name, driven, its
 * metrics read from CloudWatch, and read again later.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { RunResult } from './model/result.ts';
import {
  benchWith,
  type LocalStage,
  type Outcome,
  resultIn,
  startBenchWith,
  startLocalStage,
  temporaryDirectory,
} from './testing/cli.ts';
import { warmBench } from './testing/warm-cli.ts';

const STACK = 'orders-test';
const LOAD = ['--connections', '10', '--rate', '200', '--duration', '1s', '--warmup', '1s', '--drain', '3s'];

/** A busy machine makes a run invalid, which is not what these tests are about: it was measured and saved. */
function assertMeasured({ code, stderr }: Outcome): void {
  assert.ok(code === 0 || code === 4, `exit code ${code}: ${stderr}`);
}

describe('a run against a stack by its name', () => {
  const directory = temporaryDirectory();
  const warm = warmBench();
  let stage: LocalStage;
  let made = 0;
  /** The result of the first test's run, for tests that need any. */
  let sample: RunResult;
  const newOut = () => path.join(directory.path, `run-${made++}`);

  before(async () => {
    stage = await startLocalStage('--name', STACK);
  });
  after(async () => {
    await Promise.all([warm.stop(), stage.stop()]);
    directory.remove();
  });

  const LOADED = ['run', '--stage', STACK, ...LOAD, '--out'];
  const answer = (...args: string[]): Promise<Outcome> => warm.runWith(stage.environment, ...args);

  test('finds address, parameters and parts, and says that this is not AWS', async () => {
    const out = newOut();
    const judged = ['--threshold', 'metrics.incomingRecords.sum > 0'];
    const outcome = await benchWith(stage.environment, ...LOADED, out, ...judged);
    assertMeasured(outcome);
    const { stderr } = outcome;
    assert.match(
      stderr,
      new RegExp(`stack ${STACK} in us-east-1, local stage at http.*on AWS this would cost about \\$`),
    );
    const { stage: facts, metrics, messages, traffic, thresholds, plan } = resultIn(out);
    sample = resultIn(out);
    assert.deepEqual(
      [facts.kind, facts.name, facts.region, plan.stage],
      ['local', STACK, 'us-east-1', STACK],
    );
    assert.match(facts.notes[0] ?? '', /are those of a local stage at http:\/\/127\.0\.0\.1:\d+, not AWS\.$/);
    assert.equal(facts.parameters.ShardCount, '2');
    assert.deepEqual(
      [facts.pipeline?.streams.length, facts.pipeline?.functions.length, facts.pipeline?.consumers.length],
      [1, 2, 1],
    );
    assert.deepEqual([messages.scheduled, messages.delivered], [200, 200]);
    assert.deepEqual([thresholds[0]?.ok, metrics?.periodMs], [true, 60_000]);
    const { incomingRecords = null } = metrics ?? {};
    assert.ok(traffic !== undefined && traffic.expectedRecords >= 401, 'probes, warm-up and messages');
    assert.ok(
      (incomingRecords ?? 0) >= traffic.expectedRecords,
      `${incomingRecords} of ${traffic.expectedRecords}`,
    );
    const ids = metrics?.series.map(({ id }) => id) ?? [];
    for (const id of ['messageCount', 'incomingRecords', 'millisBehindLatest', 'iteratorAge', 'durationP99'])
      assert.ok(ids.includes(id), `${id} in ${ids.join(' ')}`);
  });

  test('--no-metrics leaves them out, and --refresh-metrics reads them later and judges anew', async () => {
    const out = newOut();
    const skipped = await answer(...LOADED, out, '--no-metrics', '--json');
    assertMeasured(skipped);
    assert.equal(skipped.stderr, '', 'nothing but the result');
    const before = JSON.parse(skipped.stdout) as RunResult;
    assert.equal(before.metrics, null);
    assert.match(before.cost?.notes?.join() ?? '', /Lambda is billed on the assumption/);
    const { code, stderr } = await answer('report', out, '--refresh-metrics');
    assert.equal(code, 0, stderr);
    const { metrics, messages, validity, cost } = resultIn(out);
    assert.doesNotMatch(stderr, /cost/);
    assert.match(cost?.notes?.join() ?? '', /invocations and their durations are those of/);
    assert.doesNotMatch(cost?.notes?.join() ?? '', /assumption/);
    assert.notEqual(cost?.total, before.cost?.total, 'counted, not assumed');
    assert.deepEqual(messages, before.messages);
    assert.ok((metrics?.incomingRecords ?? 0) >= before.traffic!.expectedRecords, 'all records');
    assert.ok(
      validity.checks.some(({ name }) => name === 'metrics completeness'),
      'judged',
    );
    assert.ok(readFileSync(path.join(out, 'index.html'), 'utf8').includes('calendar minute'), 'rendered');
    const elsewhere = await warm.runWith({}, 'report', out, '--refresh-metrics', '--region', 'us-east-1');
    assert.equal(elsewhere.code, 1);
    assert.match(elsewhere.stderr, /this run was against a local stage, not AWS: set AWS_ENDPOINT_URL/);
    // The stack that answers is younger than the run, as if it had been deployed anew.
    const place = path.join(out, 'result.json');
    writeFileSync(
      place,
      JSON.stringify({ ...resultIn(out), cost: before.cost, startedAt: '2020-01-01T00:00:00Z' }),
    );
    const later = await answer('report', out, '--refresh-metrics');
    assert.match(later.stderr, /cost was not worked out again .*'orders-test' was changed since the run/);
    assert.deepEqual(resultIn(out).cost, before.cost);
    const unused = await answer('report', out, '--prices', path.resolve('stack/prices.json'));
    assert.equal(unused.code, 2);
    assert.match(unused.stderr, /prices: only --refresh-metrics/);
  });

  test('a result without what a later reading needs is left as it is, with the reason', async () => {
    const out = newOut();
    mkdirSync(out);
    const { traffic: _, ...older } = sample;
    const place = path.join(out, 'result.json');
    const cases: readonly [object, RegExp][] = [
      [older, /older than --refresh-metrics/],
      [{ ...sample, plan: { ...older.plan, stage: 'local' } }, /a local stage that ended with it/],
      [{ ...sample, plan: { ...older.plan, stage: 'ws://127.0.0.1:1' } }, /a bare URL/],
      [{ ...sample, traffic: { startEpochMs: 0, endEpochMs: 1, expectedRecords: 0 } }, /15 days/],
    ];
    for (const [result, reason] of cases) {
      writeFileSync(place, JSON.stringify(result));
      const { code, stderr } = await answer('report', out, '--refresh-metrics');
      assert.equal(code, 1, stderr);
      assert.match(stderr, reason);
      assert.equal(readFileSync(place, 'utf8'), JSON.stringify(result));
    }
  });

  test('an unknown stack is one sentence that says where it was looked for', async () => {
    const out = newOut();
    const { code, stdout, stderr } = await answer('run', '--stage', 'no-such', '--out', out);
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      /there is no stack 'no-such' in region us-east-1, account 123456789012 of the local stage/,
    );
    assert.ok(!/\n\s+at /.test(stderr), stderr);
    assert.deepEqual([stdout, existsSync(out)], ['', false]);
  });

  test('a run that would cost more than allowed does not begin', async () => {
    const out = newOut();
    const { code, stderr } = await answer(...LOADED, out, '--max-cost', '0');
    assert.equal(code, 1, stderr);
    assert.match(stderr, /would cost about .* more than --max-cost/);
    assert.ok(!existsSync(out), 'nothing written');
  });

  test('Ctrl-C while metrics are waited for keeps the run, with the metrics there are', async () => {
    const out = newOut();
    const running = startBenchWith(stage.environment, ...LOADED, out, '--metrics-wait', '5m');
    await running.saw(/metrics are published late/);
    running.child.kill('SIGINT');
    const { code, stderr } = await running.exited;
    assert.equal(code, 130, stderr);
    const { partial, metrics, messages } = resultIn(out);
    assert.deepEqual([partial, messages.delivered], [false, 200]);
    assert.ok((metrics?.incomingRecords ?? 0) > 0, 'read once');
  });
});
