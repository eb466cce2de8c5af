/** What commands say while they go on, compared with golden texts: the progress of a run, and the workers of a fleet. */
import { test } from 'node:test';
import { assertGolden } from '../reports/testing/golden.ts';
import { FleetDisplay, type Watched } from './fleet/watch.ts';
import { oddRun } from './measure/testing/distinct-run.ts';
import { newProgress } from './node/progress.ts';

/** A stream that keeps its lines. */
function keeping(isTTY: boolean): { readonly lines: string[]; readonly stream: NodeJS.WriteStream } {
  const lines: string[] = [];
  const write = (text: string) => lines.push(...text.trimEnd().split('\n'));
  return { lines, stream: { isTTY, rows: 40, write } as unknown as NodeJS.WriteStream };
}

test('the progress of a run says what was reported so far', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { lines, stream } = keeping(false);
  const { plan, rollup } = oddRun().record;
  let nowMs = 0;
  const progress = newProgress({ plan, stream, now: () => nowMs });
  for (const phase of ['opening', 'warming up', 'measuring', 'draining'] as const) {
    progress.phase(phase, rollup, nowMs);
    nowMs += 5003;
    t.mock.timers.tick(5000);
  }
  progress.close();
  assertGolden('progress', lines);
});

test('the display of a fleet has each worker’s counts, and their sums', () => {
  const progressOf = (index: number): Watched['progress'] => ({
    ...{ runId: '0123456789abcdef', index, state: index === 1 ? 'measuring' : 'opening', reason: '' },
    ...{ connections: 103 + index, sent: 211 + 3 * index, delivered: 199 + 7 * index },
  });
  const workers: Watched[] = [
    { index: 0, task: 'running', progress: progressOf(0), hasPartial: true },
    { index: 1, task: 'running', progress: progressOf(1), hasPartial: false },
    { index: 2, task: 'failed', progress: progressOf(2), hasPartial: false },
    { index: 3, task: 'queued', progress: null, hasPartial: false },
  ];
  const all = [false, true].flatMap((isTTY) => {
    const { lines, stream } = keeping(isTTY);
    new FleetDisplay(stream).show(workers, 0);
    return lines.map((line) => line.replaceAll('\u001b[2K', ''));
  });
  assertGolden('fleet-display', all);
});
