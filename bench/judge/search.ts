/**
 * The search for the highest rate that holds, as a pure function of what has been probed so far: the rate is doubled until
 * one fails, the gap is halved (geometrically, since rates are compared by ratio) until it is as narrow as asked, and the
 * rate found has to hold again. Nothing is remembered outside the history, so a search repeats, resumes and explains itself.
 *
 * What is believed: a rate that failed after it had held has failed, for good. A rate whose first probe failed gets a
 * second look where the answer hangs on it, and holds only if two probes in a row then do: a single disturbance must not
 * decide, and neither must a single lucky probe. An invalid probe says nothing of its rate: it is repeated, and a rate of
 * which nothing but invalid probes can be had is as far as the search gets. The answer lies below every rate that failed,
 * so noise makes it too low rather than too high.
 */

/** `invalid`: something other than the stage shaped the probe, so it neither held nor failed. */
export const PROBE_VERDICTS = ['held', 'failed', 'invalid'] as const;
export type ProbeVerdict = (typeof PROBE_VERDICTS)[number];

export const SEARCH_PHASES = ['bracket', 'bisect', 'confirm', 'second look'] as const;
export type SearchPhase = (typeof SEARCH_PHASES)[number];

/** What the search needs to know of a probe. */
export interface Probed {
  readonly ratePerSecond: number;
  readonly verdict: ProbeVerdict;
  /** Everything it took, pauses included. */
  readonly tookMs: number;
}

export interface SearchSettings {
  readonly minRatePerSecond: number;
  /** Not probed above. */
  readonly maxRatePerSecond: number;
  /** Widest gap between the answer and a rate that failed, as a share of the answer: 0.05 is 5 %. */
  readonly precision: number;
  /** How often the rate found has to hold again. */
  readonly confirmations: number;
  readonly maxProbes: number;
  /** For all probes together. */
  readonly budgetMs: number;
  /** What a probe at a rate will take. */
  readonly expectedMs: (ratePerSecond: number) => number;
}

/**
 * `found`: as precise as asked and confirmed. `max rate`: the highest rate allowed holds. `nothing held`: the lowest rate
 * failed twice. `budget`, `probes`: a limit of the search came first.
 */
export const SEARCH_ENDS = ['found', 'max rate', 'nothing held', 'budget', 'probes'] as const;
export type SearchEnd = (typeof SEARCH_ENDS)[number];

export type SearchStep =
  | { readonly kind: 'probe'; readonly ratePerSecond: number; readonly phase: SearchPhase }
  | { readonly kind: 'done'; readonly reason: SearchEnd };

/** A rate and what its probes said, oldest first. */
export interface RateRecord {
  readonly ratePerSecond: number;
  readonly verdicts: readonly ProbeVerdict[];
}

/** The highest rate that holds below every rate that failed, and the lowest that failed. */
export interface Bounds {
  readonly low: RateRecord | null;
  readonly high: RateRecord | null;
}

/** A rate that failed, and one at least as high that held: capacity is not as simple as one number there. */
export interface Contradiction {
  readonly failedPerSecond: number;
  readonly heldPerSecond: number;
}

/** Doubling finds any capacity below a million per second in twenty probes. */
const STEP = 2;

/** Invalid probes of a rate before it is given up: whoever disturbed two of them will disturb the third. */
const MAX_INVALID = 2;

/** Digits of a rate: as fine as a precision of 1 % needs, and a rate can still be said aloud. */
const RATE_DIGITS = 3;

/** What comes next, after this history. */
export function nextProbe(history: readonly Probed[], settings: SearchSettings): SearchStep {
  const records = recordsOf(history);
  const undecided = records.find((record) => standingOf(record) === 'undecided');
  const wanted = undecided === undefined ? next(boundsOf(records), settings) : look(undecided);
  if (wanted.kind === 'done') return wanted;
  const limit = exceeded(history, wanted, settings, boundsOf(records));
  if (limit === null) return wanted;
  const { low } = boundsOf(records);
  const confirmation = low === null || missingHolds(low, settings.confirmations) === 0 ? null : again(low);
  const isPossible = confirmation !== null && exceeded(history, confirmation, settings, null) === null;
  return isPossible ? confirmation : { kind: 'done', reason: limit };
}

/** The answer's bounds after this history. */
export function searchBounds(history: readonly Probed[]): Bounds {
  return boundsOf(recordsOf(history));
}

/** How many probes of a rate held. */
export function holds({ verdicts }: RateRecord): number {
  return verdicts.filter((verdict) => verdict === 'held').length;
}

/** Every rate that failed though it, or a higher one, held: one line a rate, against the highest that held. */
export function contradictionsOf(history: readonly Probed[]): Contradiction[] {
  const heldPerSecond = Math.max(0, ...rates(history.filter(({ verdict }) => verdict === 'held')));
  const failed = new Set(rates(history.filter(({ verdict }) => verdict === 'failed')));
  return [...failed]
    .filter((rate) => rate <= heldPerSecond)
    .sort((a, b) => a - b)
    .map((failedPerSecond) => ({ failedPerSecond, heldPerSecond }));
}

function rates(history: readonly Probed[]): number[] {
  return history.map(({ ratePerSecond }) => ratePerSecond);
}

function recordsOf(history: readonly Probed[]): RateRecord[] {
  const byRate = new Map<number, ProbeVerdict[]>();
  for (const { ratePerSecond, verdict } of history) {
    byRate.set(ratePerSecond, [...(byRate.get(ratePerSecond) ?? []), verdict]);
  }
  return [...byRate]
    .map(([ratePerSecond, verdicts]) => ({ ratePerSecond, verdicts }))
    .sort((a, b) => a.ratePerSecond - b.ratePerSecond);
}

type Standing = 'held' | 'failed' | 'undecided';

/** A rate that only ever had invalid probes has not held, which is all that is needed to search below it. */
function standingOf(record: RateRecord): Standing {
  const [first, ...later] = record.verdicts.filter((verdict) => verdict !== 'invalid');
  if (later.includes('failed')) return 'failed';
  if (first === 'held') return 'held';
  if (later.length === 0) return 'failed';
  if (later.length === 1) return isHopeless(record) ? 'failed' : 'undecided';
  return 'held';
}

/** Whether enough probes were invalid to stop asking. */
function isHopeless({ verdicts }: RateRecord): boolean {
  return verdicts.filter((verdict) => verdict === 'invalid').length >= MAX_INVALID;
}

/** How many more probes of a rate have to hold. */
function missingHolds(record: RateRecord, confirmations: number): number {
  return isHopeless(record) ? 0 : Math.max(0, confirmations + 1 - holds(record));
}

function boundsOf(records: readonly RateRecord[]): Bounds {
  const high = records.find((record) => standingOf(record) === 'failed') ?? null;
  const limit = high?.ratePerSecond ?? Infinity;
  const low = records.findLast((record) => record.ratePerSecond < limit && standingOf(record) === 'held');
  return { low: low ?? null, high };
}

function next({ low, high }: Bounds, settings: SearchSettings): SearchStep {
  if (low === null) return high === null ? first(settings) : lowest(high);
  if (high === null) return climb(low, settings);
  const middle = rounded(Math.sqrt(low.ratePerSecond * high.ratePerSecond));
  const isWide = high.ratePerSecond / low.ratePerSecond > 1 + settings.precision;
  if (isWide && middle > low.ratePerSecond && middle < high.ratePerSecond) {
    return { kind: 'probe', ratePerSecond: middle, phase: 'bisect' };
  }
  if (missingHolds(low, settings.confirmations) > 0) return again(low);
  return high.verdicts.length === 1 ? look(high) : { kind: 'done', reason: 'found' };
}

function first({ minRatePerSecond }: SearchSettings): SearchStep {
  return { kind: 'probe', ratePerSecond: minRatePerSecond, phase: 'bracket' };
}

function lowest(failed: RateRecord): SearchStep {
  return failed.verdicts.length === 1 ? look(failed) : { kind: 'done', reason: 'nothing held' };
}

function climb(low: RateRecord, { maxRatePerSecond, confirmations }: SearchSettings): SearchStep {
  if (low.ratePerSecond < maxRatePerSecond) {
    const ratePerSecond = Math.min(maxRatePerSecond, rounded(low.ratePerSecond * STEP));
    return { kind: 'probe', ratePerSecond, phase: 'bracket' };
  }
  return missingHolds(low, confirmations) > 0 ? again(low) : { kind: 'done', reason: 'max rate' };
}

function again({ ratePerSecond }: RateRecord): SearchStep & { kind: 'probe' } {
  return { kind: 'probe', ratePerSecond, phase: 'confirm' };
}

function look({ ratePerSecond }: RateRecord): SearchStep & { kind: 'probe' } {
  return { kind: 'probe', ratePerSecond, phase: 'second look' };
}

/**
 * The limit that the step would exceed; null for none. A step that is no confirmation must leave room for confirming what
 * was found before it: a rough answer that holds is worth more than a fine one that nobody checked.
 */
function exceeded(
  history: readonly Probed[],
  { ratePerSecond }: { readonly ratePerSecond: number },
  { maxProbes, budgetMs, expectedMs, confirmations }: SearchSettings,
  bounds: Bounds | null,
): 'budget' | 'probes' | null {
  const low = bounds?.low ?? null;
  const isConfirmation = low?.ratePerSecond === ratePerSecond;
  const missing = low === null || isConfirmation ? 0 : missingHolds(low, confirmations);
  if (history.length + 1 + missing > maxProbes) return 'probes';
  const spentMs = history.reduce((sum, { tookMs }) => sum + tookMs, 0);
  const reservedMs = low === null ? 0 : missing * expectedMs(low.ratePerSecond);
  return spentMs + expectedMs(ratePerSecond) + reservedMs > budgetMs ? 'budget' : null;
}

function rounded(ratePerSecond: number): number {
  return Number(ratePerSecond.toPrecision(RATE_DIGITS));
}
