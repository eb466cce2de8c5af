/**
 * Whether a stage kept up with a load, or only seemed to because the run was short. A stage that is offered more than it
 * can take has a queue that grows for as long as the load lasts: any latency bound is broken if one only waits. So a queue
 * that grows is a failure by itself, whatever the percentiles say so far.
 */
import { counted, were } from './counted.ts';
import type { Interval, RunResult } from './result.ts';

/** Growth per second, as a share of the offered rate, that is more than batches and chance make of a queue. */
const GROWTH_SHARE = 0.02;

/** A queue that grows has at least doubled between the two ends of a window. */
const GROWTH_FACTOR = 2;

/** Queues shorter than this tell nothing: a batch is as long. */
const MIN_QUEUE = 10;

/** Fewer seconds have no two ends to compare. */
const MIN_SECONDS = 4;

/** Unsent beyond this share, the load was not the one that was asked for: the bound of the validity check. */
const SHORTFALL_SHARE = 0.01;

/** What shows that the stage did not keep up, a sentence each; empty when it did. */
export function instabilities(result: Pick<RunResult, 'intervals' | 'plan' | 'messages'>): string[] {
  return [shortfall(result), growth(result)].filter((sentence) => sentence !== null);
}

function shortfall({ messages: { scheduled, sent, refused } }: Pick<RunResult, 'messages'>): string | null {
  if (scheduled === 0 || sent / scheduled >= 1 - SHORTFALL_SHARE) return null;
  return `only ${sent} of ${counted(scheduled, 'message')} ${were(sent)} sent; connections were closed, or not read, for ${refused}`;
}

function growth({ intervals, plan }: Pick<RunResult, 'intervals' | 'plan'>): string | null {
  const queues = queuesOf(intervals, Math.floor(plan.durationMs / 1000));
  if (queues.length < MIN_SECONDS) return null;
  // The first second is that in which the pipeline fills.
  const span = Math.max(1, Math.floor(queues.length / 3));
  const early = mean(queues.slice(1, 1 + span));
  const late = mean(queues.slice(-span));
  const perSecond = (late - early) / (queues.length - 1 - span);
  const offered = intervals.reduce((sum, { scheduled }) => sum + scheduled, 0) / queues.length;
  const grows = perSecond > GROWTH_SHARE * offered && late > GROWTH_FACTOR * early && late > MIN_QUEUE;
  if (!grows) return null;
  return `the queue grew by ${perSecond.toFixed(0)} messages a second, to ${queues.at(-1)} unanswered at the end`;
}

/** Messages sent and not yet answered at the end of each second of the window. */
function queuesOf(intervals: readonly Interval[], seconds: number): number[] {
  const queues: number[] = [];
  let queue = 0;
  const bySecond = new Map(intervals.map((interval) => [interval.second, interval]));
  for (let second = 0; second < seconds; second++) {
    const interval = bySecond.get(second);
    queue += (interval?.sent ?? 0) - (interval?.delivered ?? 0);
    queues.push(queue);
  }
  return queues;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
