/** What was measured is saved, whatever happens meanwhile: real signals, closed pipes, full disks, a stage that stops. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { RunResult } from './model/result.ts';
import {
  ECHO,
  type Running,
  resultIn,
  type Server,
  shell,
  startBench,
  startBenchWith,
  startServer,
  temporaryDirectory,
} from './testing/cli.ts';

const REPORTS = ['index.html', 'junit.xml', 'latency.hlog', 'result.json', 'summary.md', 'violations.ndjson'];
const QUICK = ['--connections', '5', '--rate', '100', '--duration', '1s', '--warmup', '0s', '--drain', '1s'];
const LOCAL = [...QUICK, '--stage', 'local', '--profile', 'ideal'];

describe('nothing is lost', { concurrency: 4 }, () => {
  const directory = temporaryDirectory();
  let echo: Server;
  let made = 0;
  const newOut = () => path.join(directory.path, `run-${made++}`);

  before(async () => {
    echo = await startServer(ECHO);
  });
  after(async () => {
    await echo.stop();
    directory.remove();
  });

  /** A disk of 64 KiB, most of it taken. */
  function smallDisk(taken: number): string {
    const place = newOut();
    mkdirSync(place);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=64k`, 'none', place], { stdio: 'pipe' });
    writeFileSync(path.join(place, 'taken'), new Uint8Array(taken));
    return place;
  }
  const mayMount = () => {
    try {
      execFileSync('umount', [smallDisk(4096)]);
      return true;
    } catch {
      return false;
    }
  };

  /** Processes that the command has started, by what is in their command lines. */
  function childOf({ child }: Running, program: string): number {
    const found = execFileSync('pgrep', ['-P', String(child.pid), '-f', program], { encoding: 'utf8' });
    return Number(found.trim());
  }
  const isThere = (pid: number) => existsSync(`/proc/${pid}`);
  const isLinux = process.platform === 'linux' ? false : 'needs /proc and pgrep';

  test('a stage that stops answers nothing, holds up nobody and is not left behind', {
    skip: isLinux,
  }, async () => {
    const out = newOut();
    const running = startBench('run', ...LOCAL, '--out', out);
    await running.saw(/^draining/m);
    const stage = childOf(running, 'child-entry');
    process.kill(stage, 'SIGSTOP');
    await running.saw(/^reading metrics/m);
    const early = resultIn(out);
    assert.deepEqual(
      [early.messages.scheduled, early.metrics],
      [100, null],
      'on disk before the stage is asked',
    );
    assert.ok(existsSync(path.join(out, 'latency.hlog')));
    assert.match(JSON.stringify(early.warnings), /the driver ended before the metrics were read/);
    running.child.kill('SIGINT');
    running.child.kill('SIGTERM');
    const { code, stdout, stderr } = await running.exited;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /Interrupted again: what was measured is being saved/);
    assert.match(stdout, /metrics could not be read: no answer within 5 s of the interruption/);
    assert.ok(!isThere(stage), 'its process is gone');
    assert.deepEqual(
      readdirSync(out)
        .filter((name) => name !== 'stage.log')
        .sort(),
      REPORTS,
    );
  });

  test('a stage that stops while it starts is given up with Ctrl-C, and so is a calibration', {
    skip: isLinux,
  }, async () => {
    for (const [program, flags] of [
      ['child-entry', ['--no-calibration']],
      ['echo-server', ['--calibration']],
    ] as const) {
      const out = newOut();
      const running = startBench('run', ...LOCAL, ...flags, '--out', out);
      await running.saw(/^quick: /m);
      let child = 0;
      while (child === 0) {
        try {
          child = childOf(running, program);
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }
      process.kill(child, 'SIGSTOP');
      running.child.kill('SIGINT');
      const { code, stderr } = await running.exited;
      assert.deepEqual([code, isThere(child), existsSync(out)], [130, false, false], stderr);
      assert.match(stderr, /nothing was saved/);
    }
  });

  test('a terminal that is closed interrupts, and what was measured is saved', async () => {
    const out = newOut();
    const running = startBench('run', '--stage', echo.url, ...QUICK, '--duration', '60s', '--out', out);
    await running.saw(/^measuring/m);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    // As it is then: nobody reads either stream, and the kernel says so twice.
    running.child.stdout?.destroy();
    running.child.stderr?.destroy();
    running.child.kill('SIGHUP');
    running.child.kill('SIGHUP');
    assert.equal((await running.exited).code, 130);
    const { partial, messages } = resultIn(out);
    assert.deepEqual([partial, messages.delivered > 50], [true, true]);
    assert.deepEqual(readdirSync(out).sort(), REPORTS);
  });

  test('readers that leave, and streams on a full disk, end nothing', { skip: isLinux }, async () => {
    const run = (out: string) =>
      `$BENCH run --no-calibration --stage ${echo.url} ${QUICK.join(' ')} --out ${out}`;
    const [left, full, data] = [newOut(), newOut(), newOut()];
    const outcomes = await Promise.all([
      shell(`${run(left)} 2>&1 | head -1; exit \${PIPESTATUS[0]}`),
      shell(`${run(full)} >/dev/full 2>/dev/full`),
      shell(`${run(data)} --json >/dev/full`),
    ]);
    for (const out of [left, full, data]) assert.deepEqual(readdirSync(out).sort(), REPORTS);
    const codeOf = (out: string) => (resultIn(out).validity.verdict === 'invalid' ? 4 : 0);
    assert.deepEqual([outcomes[0].code, outcomes[1].code], [codeOf(left), codeOf(full)]);
    assert.equal(outcomes[2].code, codeOf(data) || 1, 'a result that could not be printed is a failure');
    assert.match(outcomes[2].stderr, /standard output can't be written: ENOSPC/);
  });

  test('a disk that fills up costs no result, and it is said where it is', {
    skip: mayMount() ? false : 'this user may not mount a disk',
  }, async () => {
    const disk = smallDisk(60_000);
    const temporary = newOut();
    mkdirSync(temporary);
    try {
      const out = path.join(disk, 'run');
      const args = ['run', '--stage', echo.url, ...QUICK, '--json', '--out', out];
      const { code, stdout, stderr } = await startBenchWith({ TMPDIR: temporary }, ...args).exited;
      assert.equal(code, 1, stderr);
      const [, place = ''] =
        /can't take all results \(ENOSPC.*All of them are in (\S+)\. Nothing is in/.exec(stderr) ?? [];
      assert.equal(path.dirname(place), temporary, stderr);
      assert.deepEqual(readdirSync(place).sort(), REPORTS);
      assert.ok(!existsSync(out), 'an empty directory is of no use');
      assert.deepEqual((JSON.parse(stdout) as RunResult).messages, resultIn(place).messages);
    } finally {
      execFileSync('umount', [disk]);
    }
  });

  test('of two runs into one directory that begin together one is refused', async () => {
    const out = newOut();
    mkdirSync(out);
    const args = ['run', '--stage', echo.url, ...QUICK, '--json', '--out', out];
    const both = await Promise.all([startBench(...args).exited, startBench(...args).exited]);
    const [refused, ...others] = both.filter(({ code }) => code === 2);
    assert.match(
      refused?.stderr ?? '',
      /(being written by process \d+ on|is not empty).*name another directory/s,
    );
    assert.deepEqual(others, []);
    const [won] = both.filter(({ code }) => code !== 2);
    assert.equal((JSON.parse(won!.stdout) as RunResult).id, resultIn(out).id);
    assert.deepEqual(readdirSync(out).sort(), REPORTS);
  });
});
