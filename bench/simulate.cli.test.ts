/** `bench simulate` as a user runs it: what it leaves, how it ends, and what it refuses. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { bench, benchWith, resultIn, startBench, temporaryDirectory } from './testing/cli.ts';

/** Few messages, and everything else as the plan `quick` has it. */
const SMALL = [
  '--connections',
  '20',
  '--rate',
  '40',
  '--duration',
  '2s',
  '--warmup',
  '500ms',
  '--drain',
  '5s',
];

test('a simulation leaves what a run leaves, the same bytes twice, and counts its faults', async (t) => {
  const { path: directory, remove } = temporaryDirectory();
  t.after(remove);
  const runs = ['a', 'b'].map((name) => path.join(directory, name));
  const simulated = (out: string, ...flags: string[]) =>
    bench('simulate', ...SMALL, '--faults', 'lossy', '--out', out, ...flags);
  const [first, second] = await Promise.all([simulated(runs[0]!, '--verify'), simulated(runs[1]!)]);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /virtual seconds a second\nverified: .* same bytes/);
  assert.match(first.stdout, /report: .*index\.html/);
  const files = readdirSync(runs[0]!).filter((name) => name !== 'stage.log');
  const wanted = [
    'index.html',
    'junit.xml',
    'latency.hlog',
    'result.json',
    'summary.md',
    'violations.ndjson',
  ];
  assert.deepEqual(files.sort(), wanted);
  assert.equal(second.code, 0, second.stderr);
  const [one, other] = runs.map((out) => readFileSync(path.join(out, 'result.json'), 'utf8'));
  assert.equal(one, other);
  const result = resultIn(runs[0]!);
  assert.equal(result.environment.node, 'simulated');
  assert.ok(result.faults !== undefined, 'the result has what became of the faults');
  assert.match(readFileSync(path.join(runs[0]!, 'index.html'), 'utf8'), /Simulated on a virtual clock/);
});

test('thresholds end it with 3, and a configuration that can’t be simulated with 2', async (t) => {
  const { path: directory, remove } = temporaryDirectory();
  t.after(remove);
  const out = path.join(directory, 'run');
  const plan = path.join(directory, 'plan.yaml');
  writeFileSync(plan, 'stage: ws://127.0.0.1:1/\nthreads: 2\n');
  const [failed, refused] = await Promise.all([
    bench(
      'simulate',
      ...SMALL,
      '--functions',
      'model',
      '--threshold',
      'latency.response.p50 < 1',
      '--out',
      out,
    ),
    bench('simulate', plan, '--functions', 'none', '--out', `${out}2`),
  ]);
  assert.equal(failed.code, 3, failed.stderr);
  assert.equal(refused.code, 2, refused.stderr);
  const problems = [/stage: only the local/, /threads: a simulation has one/];
  for (const problem of [...problems, /functions: 'none'/]) assert.match(refused.stderr, problem);
});

test('what the heap can’t hold is refused before it starts, with the remedy', async () => {
  const heap = { NODE_OPTIONS: '--max-old-space-size=300' };
  const { code, stderr, stdout } = await benchWith(
    heap,
    'simulate',
    '--connections',
    '500000',
    '--rate',
    '1',
  );
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(
    stderr,
    /^error: connections: simulating 500000 connections takes up to 1\.3 GB of memory, and /,
  );
  assert.match(stderr, /put NODE_OPTIONS=--max-old-space-size=\d+ before the same command/);
});

test('code that leaves a rejection unhandled ends it with a sentence, and leaves nothing', async (t) => {
  const { path: directory, remove } = temporaryDirectory();
  t.after(remove);
  const article = readFileSync(new URL('../stack/article.yaml', import.meta.url), 'utf8');
  const template = path.join(directory, 'article.yaml');
  const forgetful = "void Promise.reject(new Error('nobody listens'));";
  writeFileSync(template, article.replace('async (event) => {', `async (event) => { ${forgetful}`));
  const out = path.join(directory, 'run');
  const { code, stderr } = await bench('simulate', ...SMALL, '--template', template, '--out', out);
  assert.equal(code, 1, stderr);
  assert.match(stderr, /error: a promise was rejected and nobody handled it: Error: nobody listens\./);
  assert.deepEqual(readdirSync(directory), ['article.yaml']);
});

test('Ctrl-C keeps what was measured', async (t) => {
  const { path: directory, remove } = temporaryDirectory();
  t.after(remove);
  const out = path.join(directory, 'run');
  const long = ['--connections', '2', '--rate', '200', '--duration', '20h', '--functions', 'model'];
  const running = startBench('simulate', ...long, '--out', out);
  await running.saw(/measuring/);
  // That was said at the first moment of it: interrupted in that very moment, nothing would have been measured.
  await new Promise((resolve) => setTimeout(resolve, 200));
  running.child.kill('SIGINT');
  const { code, stderr } = await running.exited;
  assert.equal(code, 130, stderr);
  const { partial, messages } = resultIn(out);
  assert.equal(partial, true);
  assert.ok(messages.sent > 0, 'something was measured');
});
