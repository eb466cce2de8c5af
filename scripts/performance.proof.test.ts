/**
 * The performance job from its first line to its last, against the AWS endpoints of a local stage: it deploys, measures,
 * compares with what it measured before, keeps the history, and leaves no stack, also when it is interrupted.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { benchWith, type LocalStage, startLocalStage, temporaryDirectory } from '../bench/testing/cli.ts';

const SCRIPT = fileURLToPath(new URL('./performance.ts', import.meta.url));

const PLAN = `
connections: 20
rate: 100/s
warmup: 2s
duration: 4s
drain: 3s
`;

describe('the performance job', () => {
  const directory = temporaryDirectory();
  const history = path.join(directory.path, 'history');
  const plan = path.join(directory.path, 'plan.yaml');
  let stage: LocalStage;

  before(async () => {
    writeFileSync(plan, PLAN);
    stage = await startLocalStage('--empty');
  });
  after(async () => {
    await stage.stop();
    directory.remove();
  });

  function start(out: string, ...flags: string[]): { child: ChildProcess; output: () => string } {
    const args = ['--import', 'tsx', SCRIPT, '--history', history, '--out', out, '--plan', plan, ...flags];
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...stage.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
    return { child, output: () => text };
  }

  const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.on('close', resolve));
  const newOut = (name: string) => path.join(directory.path, name);
  const entries = () => (existsSync(history) ? readdirSync(history) : []);

  async function assertNothingLeft(): Promise<void> {
    const left = await benchWith(
      stage.environment,
      ...['stage', 'clean', '--prefix', 'perf-', '--older-than', '0s', '--dry-run'],
    );
    assert.match(left.stdout, /no stack of this tool named perf-…/);
  }

  /** Whether the machine was quiet enough for a valid run is not what this proves. */
  const isMeasured = (code: number | null) => code === 0 || code === 4;

  test('measures, begins a history, and the next time compares with it', { timeout: 240_000 }, async () => {
    for (const [round, out] of [newOut('first'), newOut('second')].entries()) {
      const { child, output } = start(out, '--repeats', '2', '--threshold', 'messages.lost == 0');
      const code = await ended(child);
      assert.ok(isMeasured(code), output());
      assert.match(output(), /is gone: no stack has the name/);
      const summary = readFileSync(path.join(out, 'summary.md'), 'utf8');
      assert.match(summary, /^# Performance of perf-\d{8}t\d{6}-[0-9a-f]{6}$/m);
      if (code === 4) continue;
      assert.equal(entries().length, round + 1);
      if (round === 0) assert.match(summary, /the history is empty/);
      else assert.ok(existsSync(path.join(out, 'comparison', 'index.html')), output());
    }
    await assertNothingLeft();
  });

  test('takes its stack away when it is interrupted', { timeout: 120_000 }, async () => {
    const before = entries().length;
    const { child, output } = start(newOut('cut'), '--repeats', '3');
    const exited = ended(child);
    await new Promise<void>((resolve) => {
      child.stderr?.on('data', () => {
        if (output().includes('› bench run')) resolve();
      });
    });
    child.kill('SIGTERM');
    assert.equal(await exited, 130, output());
    assert.equal(entries().length, before, 'what was cut is no history');
    await assertNothingLeft();
  });

  test('a threshold that fails is exit code 3, and bad settings are told at once', {
    timeout: 120_000,
  }, async () => {
    const bad = start(newOut('bad'), '--repeats', '0');
    assert.equal(await ended(bad.child), 2);
    assert.match(bad.output(), /repeats: '0' is not a whole number/);
    const dear = start(newOut('dear'), '--repeats', '2', '--max-cost', '0.05');
    assert.equal(await ended(dear.child), 1);
    assert.match(
      dear.output(),
      /nothing was deployed: the job would cost about \$0\.\d+ .*--max-cost \$0\.0500/,
    );
    assert.doesNotMatch(dear.output(), /stage up/);
    const missed = start(newOut('missed'), '--repeats', '1', '--threshold', 'messages.delivered < 10');
    const code = await ended(missed.child);
    assert.ok(code === 3 || code === 4, missed.output());
    await assertNothingLeft();
  });
});
