/** `bench` as a user runs it: real processes, real sockets, real signals. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { RunResult } from './model/result.ts';
import {
  bench,
  ECHO,
  resultIn,
  type Server,
  shell,
  startBench,
  startLocalStage,
  startServer,
  startTool,
  temporaryDirectory,
} from './testing/cli.ts';
import { warmBench } from './testing/warm-cli.ts';

const directory = temporaryDirectory();
/** For answers; what runs is a process of its own. */
const warm = warmBench();
let echo: Server;
let made = 0;
const newOut = () => path.join(directory.path, `run-${made++}`);

before(async () => {
  echo = await startServer(ECHO);
});
after(async () => {
  await Promise.all([echo.stop(), warm.stop()]);
  directory.remove();
});

const QUICK = ['--connections', '20', '--rate', '400', '--duration', '2s', '--warmup', '0s', '--drain', '3s'];

test('a run against any echo server measures it, fills the run directory and prints where the report is', async () => {
  const out = newOut();
  const flags = [...QUICK, '--calibration', '--out', out];
  const { code, stdout, stderr } = await bench('run', '--stage', echo.url, ...flags);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /this machine: (metronome|timer) sends /);
  assert.match(stdout, /report: .*index\.html/);
  const files = ['index.html', 'junit.xml', 'latency.hlog', 'result.json', 'summary.md', 'violations.ndjson'];
  assert.deepEqual(readdirSync(out).sort(), files);
  const { environment, messages, metrics, stage, validity } = resultIn(out);
  assert.ok((environment.calibration?.ceilingPerSecond ?? 0) > 0, 'calibrated');
  assert.deepEqual([messages.scheduled, messages.delivered, messages.lost], [800, 800, 0]);
  assert.equal(metrics, null);
  assert.equal(stage.kind, 'url');
  assert.notEqual(validity.verdict, 'invalid');
  const page = readFileSync(path.join(out, 'index.html'), 'utf8');
  const again = await warm.run('report', out);
  assert.equal(again.code, 0, again.stderr);
  assert.equal(
    readFileSync(path.join(out, 'index.html'), 'utf8'),
    page,
    'the report is the same when rendered again',
  );
});

test('Ctrl-C saves what was measured as partial, with its report, and exits with 130', async () => {
  const out = newOut();
  const running = startBench('run', '--stage', echo.url, ...QUICK, '--duration', '60s', '--out', out);
  await running.saw(/^measuring/m);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  running.child.kill('SIGINT');
  const { code, stdout } = await running.exited;
  assert.equal(code, 130);
  assert.match(stdout, /report:/);
  const result = resultIn(out);
  assert.equal(result.partial, true);
  assert.ok(result.messages.delivered > 300, `${result.messages.delivered} delivered`);
  assert.ok(existsSync(path.join(out, 'index.html')), 'the report was written');
});

test('Ctrl-C before anything was measured leaves nothing behind', async () => {
  const out = newOut();
  const running = startBench('run', '--stage', echo.url, ...QUICK, '--connect-rate', '1/s', '--out', out);
  await running.saw(/^opening/m);
  running.child.kill('SIGINT');
  const { code, stderr } = await running.exited;
  assert.equal(code, 130);
  assert.match(stderr, /nothing was saved/);
  assert.ok(!existsSync(out), 'no directory');
});

test('a failed threshold fails the run, and the value of a header is written nowhere', async () => {
  const server = await startServer(`tally.header = request.headers['x-secret']; ${ECHO}`);
  const out = newOut();
  const flags = ['--threshold', 'latency.response.p50 < 0.000001', '--header', 'X-Secret: open-sesame-7'];
  const { code, stdout, stderr } = await bench(
    'run',
    '--stage',
    server.url,
    ...QUICK,
    ...flags,
    '--out',
    out,
  );
  const seen = await server.stop();
  // A busy machine makes the run invalid (4), which comes first; simulate.cli.test.ts has the 3 that no machine changes.
  assert.ok(code === 3 || code === 4, `exit code ${code}: ${stderr}`);
  assert.equal(resultIn(out).thresholds[0]?.ok, false);
  assert.deepEqual(seen, { header: 'open-sesame-7' });
  const written = readdirSync(out).map((file) => readFileSync(path.join(out, file), 'utf8'));
  assert.ok(![stdout, stderr, ...written].some((text) => text.includes('open-sesame')), 'the value leaked');
  assert.ok(
    written.some((text) => text.includes('X-Secret')),
    'the name is documented',
  );
});

test('a closed loop runs to its end', async () => {
  const flags = ['--connections', '10', '--duration', '2s', '--warmup', '0s', '--drain', '1s'];
  const { code, stdout, stderr } = await bench(
    'run',
    '--stage',
    echo.url,
    ...flags,
    '--in-flight',
    '2',
    '--out',
    newOut(),
    '--json',
  );
  assert.ok(code === 0 || code === 4, `exit code ${code}: ${stderr}`);
  const { messages, plan } = JSON.parse(stdout) as RunResult;
  assert.deepEqual(plan.load, { kind: 'closed', inFlight: 2 });
  assert.ok(messages.delivered > 1000, `${messages.delivered} delivered`);
});

test('every configuration error is reported at once, with exit code 2 and nothing written', async () => {
  const out = newOut();
  const flags = ['--connection', '5', '--rate', 'fast', '--duration', '10', '--out', out];
  const { code, stdout, stderr } = await bench('run', ...flags);
  assert.equal(code, 2);
  assert.equal(stdout, '');
  for (const field of ['connection:', 'rate:', 'duration:'])
    assert.ok(stderr.includes(field), `${field} in ${stderr}`);
  assert.ok(!existsSync(out), 'no directory');
});

const bad: readonly [string, readonly string[], number, RegExp][] = [
  ['an unknown command', ['runn'], 2, /runn/],
  ['no command', [], 2, /Which command/],
  ['a dash for a plan', ['run', '-'], 2, /'-' names no file here/],
  ['a dash for a run', ['report', '-'], 2, /'-' names no file here/],
  [
    'a URL for a plan',
    ['run', 'ws://h/?token=S3CRET'],
    2,
    /plan: ws:\/\/h\/\?token=… is the address of a stage/,
  ],
  ['a plan that is not there', ['run', '/nowhere.yaml'], 2, /nowhere/],
  ['a stage that is nothing', ['run', '--stage', 'my_stack'], 2, /neither 'local', nor/],
  ['a wait that is none', ['run', '--metrics-wait', 'long'], 2, /metrics-wait: 'long' is not a duration/],
  ['a limit of cost for a local run', ['run', '--max-cost', '1'], 2, /max-cost: only a run against a stack/],
  [
    'a threshold on metrics that are not read',
    ['run', '--no-metrics', '--threshold', 'metrics.errors.sum == 0'],
    2,
    /with --no-metrics there are no metrics/,
  ],
  ['an unknown flag of another command', ['doctor', '--fast'], 2, /fast/],
  [
    'an unreachable URL',
    ['run', '--stage', 'ws://127.0.0.1:1', '--out', '/tmp/bench-unreachable'],
    1,
    /ECONNREFUSED/,
  ],
  [
    'an output directory that can’t be made',
    ['run', '--stage', 'ws://127.0.0.1:1', '--out', '/proc/x'],
    2,
    /can't be written/,
  ],
  ['a report of no run', ['report', '/proc'], 1, /result\.json/],
  ['a port that is none', ['stage', 'local', '--port', '70000'], 2, /70000/],
  [
    'an origin with a path',
    ['stage', 'local', '--allow-origin', 'http://localhost:3000/'],
    2,
    /allow-origin: .* is not an origin/,
  ],
  [
    'a template parameter that is none',
    ['run', '--parameter', 'Shards=2', '--out', '/tmp/bench-parameter'],
    2,
    /Shards.*ShardCount/s,
  ],
];

for (const [what, args, expected, pattern] of bad) {
  test(`${what} is refused with one clear message and exit code ${expected}`, async () => {
    const { code, stdout, stderr } = await warm.run(...args);
    assert.equal(code, expected, stderr);
    assert.match(stderr, pattern);
    assert.ok(!/\n\s+at /.test(stderr), `no stack trace: ${stderr}`);
    assert.equal(stdout, '');
    const out = args[args.indexOf('--out') + 1];
    if (args.includes('--out')) assert.ok(!existsSync(out!), 'nothing half-written');
  });
}

test('an output directory that holds something is not overwritten', async () => {
  const out = newOut();
  mkdirSync(out);
  writeFileSync(path.join(out, 'mine.txt'), 'mine');
  const { code, stderr } = await warm.run('run', '--stage', echo.url, '--out', out);
  assert.equal(code, 2);
  assert.match(stderr, /not empty/);
  assert.deepEqual(readdirSync(out), ['mine.txt']);
});

test('a run that fails removes the directory it made, and leaves one that was there', async () => {
  const out = newOut();
  mkdirSync(out);
  const unreachable = ['run', '--stage', 'ws://127.0.0.1:1', '--out'];
  assert.equal((await warm.run(...unreachable, out)).code, 1);
  assert.ok(existsSync(out), 'the user’s own directory stays');
  assert.equal((await warm.run(...unreachable, path.join(out, 'a', 'b'))).code, 1);
  assert.deepEqual(readdirSync(out), [], 'what was made is gone');
});

test('too few file descriptors are found before the run', async () => {
  const { code, stderr } = await shell(
    `ulimit -n 400; $BENCH run --stage ${echo.url} --connections 1000 --out ${newOut()}`,
  );
  assert.equal(code, 1, stderr);
  assert.match(stderr, /the driver needs 1210 open files and the hard limit is 400/);
});

test('the local stage serves until Ctrl-C and echoes what any client sends, wscat too', async () => {
  const stage = await startLocalStage();
  const socket = new (await import('ws')).WebSocket(stage.url);
  const answer = await new Promise<string>((resolve, reject) => {
    socket.on('open', () => socket.send('{"msg":"Hello World!"}'));
    socket.on('message', (data: Buffer) => resolve(data.toString()));
    socket.on('error', reject);
  });
  socket.close();
  assert.equal(answer, '{"msg":"Hello World!"}');
  const wscat = startTool('wscat', '-c', stage.url, '-x', '{"msg":"Hello World!"}', '-w', '5');
  await wscat.saw(/\{"msg":"Hello World!"\}/);
  wscat.child.kill();
  await wscat.exited;
  assert.equal((await stage.stop()).code, 0);
});

test('a port in use is one clear message', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as { port: number };
  const { code, stderr } = await warm.run('stage', 'local', '--port', String(port));
  taken.close();
  assert.equal(code, 1, stderr);
  assert.match(stderr, new RegExp(`${port}`));
  assert.ok(!/\n\s+at /.test(stderr), `no stack trace: ${stderr}`);
});
