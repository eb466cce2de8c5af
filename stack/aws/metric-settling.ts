/**
 * When to believe CloudWatch. Values of a minute come late, and AWS documents no bound: exporters that read CloudWatch for
 * a living wait two to three minutes. So the end of the window and a wait are let pass, and then CloudWatch is asked again
 * and again until the stream's records are as many as the driver's messages, or nothing changes any more. What never came
 * to rest, or was cut short by the user, is returned all the same and says so.
 */
import type { StageMetrics } from '../../bench/model/result.ts';
import type { Clock, MetricsReading } from '../../bench/ports.ts';

/** How patient to be. */
export interface Patience {
  /** From the end of the window to the first reading. */
  readonly waitMs: number;
  /** Between readings. */
  readonly pollMs: number;
  /** From the end of the window to the last reading. */
  readonly limitMs: number;
}

/** Readings that were the same as the one before before it is believed that nothing more comes. */
const UNCHANGED_READINGS = 2;

export interface SettlingOptions {
  readonly clock: Clock;
  readonly patience: Patience;
  /** End of the window, UTC milliseconds. */
  readonly endEpochMs: number;
  readonly reading: MetricsReading;
  /** One reading. */
  readonly read: () => Promise<StageMetrics>;
}

/** Waits and reads until the metrics have settled. Rejects when not even one reading succeeded. */
export async function settled(options: SettlingOptions): Promise<StageMetrics> {
  const { clock, patience, reading, read } = options;
  const endMs = clock.now() + options.endEpochMs - clock.epochAt(clock.now());
  const dueMs = endMs + patience.waitMs;
  const limitMs = endMs + patience.limitMs;
  await wait(
    options,
    dueMs,
    `metrics are published late; the first reading is ${secondsText(patience.waitMs)} after the run's last period`,
  );
  let latest = await read();
  let unchanged = 0;
  while (latest.incomingRecords !== reading.expectedRecords) {
    if (reading.interrupted.aborted) return cut(latest, 'waiting for the metrics was interrupted');
    const dueMs = clock.now() + patience.pollMs;
    if (dueMs > limitMs)
      return cut(latest, `the metrics had not settled ${secondsText(patience.limitMs)} after the run`);
    await wait(options, dueMs, progressText(latest, reading.expectedRecords), limitMs);
    const next = await again(read, latest);
    unchanged = isSame(latest, next) && next.incomingRecords !== null ? unchanged + 1 : 0;
    latest = next;
    if (unchanged >= UNCHANGED_READINGS) return latest;
  }
  return latest;
}

/** A reading that fails after one that did not is passed over: the earlier one stands, and there will be another. */
async function again(read: () => Promise<StageMetrics>, latest: StageMetrics): Promise<StageMetrics> {
  try {
    return await read();
  } catch (error) {
    return cut(latest, `the last reading failed: ${(error as Error).message}`);
  }
}

function cut(metrics: StageMetrics, problem: string): StageMetrics {
  const earlier = (metrics.problems ?? []).filter((known) => known !== problem);
  return { ...metrics, problems: [...earlier, problem] };
}

function isSame(left: StageMetrics, right: StageMetrics): boolean {
  return JSON.stringify(left.series) === JSON.stringify(right.series);
}

function progressText({ incomingRecords }: StageMetrics, expected: number): string {
  const seen = incomingRecords === null ? 'no records yet' : `${incomingRecords} records`;
  return `the stream's metrics show ${seen}, ${expected} messages were accepted`;
}

function secondsText(ms: number): string {
  return `${ms / 1000} s`;
}

/** Until the clock says `dueMs`, or the user has had enough. */
function wait(
  { clock, reading }: SettlingOptions,
  dueMs: number,
  what: string,
  untilMs = dueMs,
): Promise<void> {
  const { interrupted } = reading;
  if (interrupted.aborted || dueMs <= clock.now()) return Promise.resolve();
  reading.waiting({ what, untilMs });
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      interrupted.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.at(dueMs, done);
    interrupted.addEventListener('abort', done, { once: true });
  });
}
