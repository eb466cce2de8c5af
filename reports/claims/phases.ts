/**
 * Within one run: percentiles of the seconds in which something was done to the stage, against those of the other seconds.
 * One run has one stage, one driver and one machine, so what differs between its seconds is what was done in them.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Difference, TimelineMark } from '../../bench/model/claim.ts';
import type { Chance } from '../statistics/chance.ts';
import { latencyChanges } from '../statistics/latency-change.ts';
import { countOf, readSeconds, type SecondHistograms } from '../statistics/second-histograms.ts';

/** On which the claims are judged. */
const PERCENTILES = [50, 90] as const;

/** The margin is the judge's: the statistics' own verdict is not used. */
const ANY_EFFECT = 0.1;

/** Seconds on either side below which there is nothing to compare. */
const MIN_SECONDS = 3;

export interface PhaseQuestion {
  readonly stretches: readonly TimelineMark[];
  /** Length of the measured window: what comes after it is the drain's. */
  readonly measuredSeconds: number;
  /** Response times that the run's result counts: a log with another number of them is cut short, or another run's. */
  readonly times: number;
  readonly chance: Chance;
}

/** The differences; null when the log is not the run's, either side is too short, or a percentile has too few samples. */
export function phaseDifferences(log: string, question: PhaseQuestion): readonly Difference[] | null {
  const all = readSeconds(log, 'response').seconds;
  if (countOf(all) !== question.times) return null;
  const seconds = all.slice(0, question.measuredSeconds);
  const isInside = (second: number) =>
    question.stretches.some(({ fromSecond, toSecond }) => second >= fromSecond && second < toSecond);
  const faulted = seconds.filter((_, second) => isInside(second));
  const control = seconds.filter((_, second) => !isInside(second));
  if (Math.min(faulted.length, control.length) < MIN_SECONDS) return null;
  const differences = differencesOf(control, faulted, question.chance);
  return differences.length === PERCENTILES.length ? differences : null;
}

function differencesOf(control: SecondHistograms, faulted: SecondHistograms, chance: Chance): Difference[] {
  const changes = latencyChanges({
    base: [control],
    candidate: [faulted],
    percentiles: PERCENTILES,
    smallestEffect: ANY_EFFECT,
    chance,
  });
  return changes.flatMap(({ percentile, baseMs, candidateMs, differenceMs }) => {
    if (baseMs === null || candidateMs === null || differenceMs === null) return [];
    const { low, high } = differenceMs.interval;
    return [{ name: `p${percentile}`, controlMs: baseMs, faultedMs: candidateMs, lowMs: low, highMs: high }];
  });
}

/** The same from a run directory; null where it has no log. */
export async function runDifferences(
  directory: string,
  question: PhaseQuestion,
): Promise<readonly Difference[] | null> {
  const log = await readFile(join(directory, 'latency.hlog'), 'utf8').catch(() => null);
  return log === null ? null : phaseDifferences(log, question);
}
