/**
 * Whether a stage kept up with a load, or only seemed to because the run was short. A stage that is offered more than it
 * can take has a queue that grows for as long as the load lasts: any latency bound is broken if one only waits. So a queue
 * that grows is a failure by itself, whatever the percentiles say so far.
 *
 * Until the first answer the queue of any stage grows at the offered rate: for its latency if it keeps up, for as long as
 * it works off what the warm-up left if it does not. So the queue is judged from the first answer on, and lost messages are
 * not in it. Chance makes queues grow too, so a growth counts only if it is even, like that of a stage that is always busy,
 * or goes on to the end and is more than a random stream could make. How random the stream is, its schedule tells: a driver
 * that is late moves messages from one second to the next, and adds none.
 */
import { counted, were } from '../model/counted.ts';
import type { Interval, RunResult } from '../model/result.ts';

/** Growth per second, as a share of the offered rate: a stage 2 % over its limit has 0.0196. */
const GROWTH_SHARE = 0.015;

/** Growth below this, in messages, tells nothing at any rate. */
const MIN_GROWTH = 5;

/** Fewer seconds have no two ends to compare. */
const MIN_SECONDS = 2;

/** Parts of a window that must all have grown: a batch that is released in one of them is no growth. */
const MAX_PARTS = 4;

/** Standard deviations of a Poisson stream's count: chance makes as much once in 300,000 times. */
const CHANCE = 4.5;

/**
 * Messages by which counting whole ones bends a straight line, of few seconds and of more. At low rates chance bends it as
 * little, so it is also at most a sixth of a Poisson count's standard deviation.
 */
const ROUNDING = 1;

/** Student's t for a chance of one in 10,000, one-sided, by degrees of freedom from 1; the last for all above. */
const STUDENT = [
  3183, 70.7, 22.2, 13.03, 9.68, 8.02, 7.06, 6.44, 6.01, 5.69, 5.45, 5.26, 5.11, 4.99, 4.88, 4.79, 4.71, 4.65,
  4.59, 4.54,
];

/** When more than this share of each last second is lost, the drain was over before their turn came: they were queued. */
const CUT_OFF = 0.9;

/** Unsent beyond this share, the load was not the one that was asked for: the bound of the validity check. */
const SHORTFALL_SHARE = 0.01;

type Judged = Pick<RunResult, 'intervals' | 'plan' | 'messages' | 'connections'>;

/** What shows that the stage did not keep up, a sentence each; empty when it did. */
export function instabilities(result: Judged): string[] {
  const queue = breakdown(result) ?? growth(result);
  return [queue, shortfall(result)].filter((sentence) => sentence !== null);
}

function shortfall({ messages: { scheduled, sent, refused } }: Pick<RunResult, 'messages'>): string | null {
  if (scheduled === 0 || sent / scheduled >= 1 - SHORTFALL_SHARE) return null;
  return `only ${sent} of ${counted(scheduled, 'message')} ${were(sent)} sent; connections were closed, or not read, for ${refused}`;
}

/** That the stage stopped answering for good while it was driven; null when it did not. */
export function breakdown(result: Judged): string | null {
  const { intervals, connections, messages } = result;
  const last = intervals.findLast(({ delivered }) => delivered > 0)?.second ?? -1;
  const seconds = windowSeconds(result);
  const unanswered = intervals.filter(({ second }) => second > last && second < seconds);
  const due = unanswered.reduce((sum, { scheduled }) => sum + scheduled, 0);
  const isShort = seconds - 1 - last < MIN_SECONDS || due < MIN_GROWTH;
  if (last === -1 || isShort || messages.lost + messages.indeterminate + messages.refused < due) return null;
  return `the stage stopped answering: nothing came back after second ${last + 1} of ${seconds}${closings(connections)}`;
}

function closings({ opened, closedEarly, failures }: RunResult['connections']): string {
  if (closedEarly === 0) return '';
  const codes = Object.entries(failures).map(([code, count]) => `${code} ${count}`);
  return `; ${closedEarly} of ${counted(opened, 'connection')} ended early (${codes.join(', ')})`;
}

/** A second of the window. `queue` is what is unanswered at its end, and `grown` what the second added to it. */
interface Second {
  readonly scheduled: number;
  readonly sent: number;
  readonly delivered: number;
  readonly grown: number;
  readonly queue: number;
}

function growth(result: Omit<Judged, 'connections'>): string | null {
  const seconds = secondsOf(result);
  const first = seconds.findIndex(({ delivered }) => delivered > 0);
  const silent = first === -1 ? seconds.length : first;
  const judged = seconds.slice(silent + 1);
  if (judged.length < MIN_SECONDS) return silent < MIN_SECONDS ? null : unseen(seconds, silent);
  const grown = judged.map((second) => second.grown);
  const before = Math.max(...seconds.slice(0, -grown.length).map(({ queue }) => queue));
  const { queue } = seconds.at(-1)!;
  const isShown = isGrowth(seconds, judged.length) || isGrowth(bySchedule(seconds), judged.length);
  if (queue <= before || !isShown) return null;
  return `the queue grew by ${mean(grown).toFixed(0)} messages a second, to ${queue.toFixed(0)} unanswered at the end`;
}

/** The window ends too soon after the first answer to show whether the queue stops growing. */
function unseen(seconds: readonly Second[], silent: number): string | null {
  const { queue } = seconds.at(-1)!;
  if (queue < MIN_GROWTH) return null;
  return `the queue grew at the offered rate, to ${queue.toFixed(0)} unanswered at the end: nothing came back in the first ${silent} of ${counted(seconds.length, 'second')}`;
}

/** The seconds as if all had been sent in time; as they are when the window ends before the driver has caught up. */
function bySchedule(seconds: readonly Second[]): readonly Second[] {
  const late = seconds.reduce((sum, { scheduled, sent }) => sum + scheduled - sent, 0);
  if (Math.abs(late) >= MIN_GROWTH) return seconds;
  return seconds.map((second) => ({ ...second, grown: second.grown + second.scheduled - second.sent }));
}

/** Of the last so many seconds. */
function isGrowth(seconds: readonly Second[], judged: number): boolean {
  const grown = seconds.slice(-judged).map((second) => second.grown);
  const perSecond = mean(grown);
  const total = perSecond * grown.length;
  const sent = seconds.map((second) => second.sent);
  const scheduled = seconds.map((second) => second.scheduled);
  if (perSecond < GROWTH_SHARE * mean(sent) || total < MIN_GROWTH) return false;
  const isLasting = parts(grown).every((part) => mean(part) >= perSecond / 2);
  if (isLasting && total > CHANCE * Math.sqrt(mean(sent) * grown.length)) return true;
  const bend = Math.min(grown.length < 4 ? ROUNDING : 1.5 * ROUNDING, Math.sqrt(mean(sent)) / 6);
  const deviation = Math.max(deviationOf(grown, bend), deviationOf(scheduled, bend));
  // The second of the first answer grew at least as much: it worked off what came before it, too.
  const filling = seconds.at(-grown.length - 1)!.grown;
  if (filling < perSecond - 2 * ROUNDING - 3 * deviation) return false;
  const t = STUDENT[Math.min(grown.length - 1, STUDENT.length) - 1]!;
  return perSecond > (t * deviation) / Math.sqrt(grown.length);
}

function parts(values: readonly number[]): number[][] {
  const count = Math.min(values.length, MAX_PARTS);
  return Array.from({ length: count }, (_, part) =>
    values.slice((part * values.length) / count, ((part + 1) * values.length) / count),
  );
}

/** Standard deviation; 0 where the sum over time nowhere strays further from a straight line than `bend`. */
function deviationOf(values: readonly number[], bend: number): number {
  const middle = mean(values);
  let stray = 0;
  const isStraight = values.every((value) => {
    stray += value - middle;
    return Math.abs(stray) <= bend;
  });
  if (isStraight) return 0;
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

function windowSeconds({ plan }: Pick<RunResult, 'plan'>): number {
  return Math.floor(plan.durationMs / 1000);
}

function secondsOf(result: Omit<Judged, 'connections'>): Second[] {
  const { intervals, messages } = result;
  const bySecond = new Map(intervals.map((interval) => [interval.second, interval]));
  // Results of older versions don't say when it was lost: then it is spread evenly.
  const lossRatio = messages.sent === 0 ? 0 : messages.lost / messages.sent;
  const window = Array.from({ length: windowSeconds(result) }, (_, second) => {
    const { scheduled, sent, delivered, lost = sent * lossRatio } = bySecond.get(second) ?? NOTHING;
    return { scheduled, sent, delivered, lost };
  });
  const last = window.findLastIndex(({ sent, lost }) => lost < CUT_OFF * sent);
  // The drain ended somewhere in the second before those of which all is lost.
  const cutOff = last === window.length - 1 ? window.length : last;
  let queue = 0;
  return window.map(({ scheduled, sent, delivered, lost }, second) => {
    const grown = sent - delivered - (second < cutOff ? lost : 0);
    queue += grown;
    return { scheduled, sent, delivered, grown, queue };
  });
}

const NOTHING: Pick<Interval, 'scheduled' | 'sent' | 'delivered' | 'lost'> = {
  scheduled: 0,
  sent: 0,
  delivered: 0,
  lost: 0,
};

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
