/**
 * The one word a run comes down to, and why. Distrust comes before judgement: a run that can't be trusted is INVALID
 * whatever its thresholds say; one that was cut short is PARTIAL; then the thresholds decide. All reasons are given,
 * also those that the word does not carry.
 */

import { contradictionsIn } from '../../bench/judge/conservation.ts';
import { lossText } from '../../bench/judge/losses.ts';
import type { RunResult, ValidityCheck } from '../../bench/model/result.ts';
import { amountText, counted, countText, durationText } from '../figures.ts';

export type Status = 'pass' | 'measured' | 'threshold-failed' | 'partial' | 'invalid';

/** A verdict in words. */
export interface Verdict {
  readonly status: Status;
  /** The word for the banner. */
  readonly word: string;
  /** What the word means for the reader, one sentence. */
  readonly meaning: string;
  /** Why, worst first, one sentence each. */
  readonly reasons: readonly string[];
}

const WORDS: Readonly<Record<Status, string>> = {
  pass: 'PASS',
  measured: 'NOT JUDGED',
  'threshold-failed': 'THRESHOLD FAILED',
  partial: 'PARTIAL',
  invalid: 'INVALID',
};

/** The verdict on a run. */
export function verdictOf(result: RunResult): Verdict {
  const status = statusOf(result);
  return { status, word: WORDS[status], meaning: meaningOf(status, result), reasons: reasonsFor(result) };
}

function statusOf(result: RunResult): Status {
  if (result.validity.verdict === 'invalid' || contradictionsIn(result).length > 0) return 'invalid';
  if (result.partial) return 'partial';
  if (result.thresholds.length === 0 && violationsIn(result).length > 0) return 'measured';
  return result.thresholds.every((threshold) => threshold.ok) ? 'pass' : 'threshold-failed';
}

function meaningOf(status: Status, result: RunResult): string {
  const total = result.thresholds.length;
  const failed = result.thresholds.filter((threshold) => !threshold.ok).length;
  switch (status) {
    case 'invalid':
      return 'These figures do not describe the stage. Do not compare or publish them.';
    case 'partial':
      return 'The run was cut short. What is shown was measured, but not all that was planned.';
    case 'threshold-failed':
      return `${failed} of ${counted(total, 'threshold')} not met.`;
    case 'measured':
      return `Some messages were lost or unexpected; set a threshold to judge this. ${trust(result)}`;
    case 'pass':
      return `${allMet(total)} ${trust(result)}`;
  }
}

function trust({ validity: { verdict, checks } }: RunResult): string {
  return verdict === 'valid'
    ? `${counted(checks.length, 'validity check')} passed.`
    : 'Not every validity check could be answered.';
}

function allMet(total: number): string {
  if (total === 0) return 'Nothing was lost, duplicated or reordered; no thresholds were set.';
  return total === 1 ? 'The threshold is met.' : `All ${total} thresholds are met.`;
}

function reasonsFor(result: RunResult): string[] {
  const { checks } = result.validity;
  return [
    ...contradictionsIn(result).map((law) => `The counts contradict themselves: ${law}`),
    ...checks.filter((c) => c.verdict === 'invalid').map((c) => `Invalid, ${c.name}: ${c.evidence}`),
    ...partialReason(result),
    ...failedThresholds(result),
    ...(result.thresholds.length === 0 ? violationsIn(result) : []),
    ...checks.filter((c) => c.verdict === 'unknown').map((c) => `Not known, ${c.name}: ${c.evidence}`),
  ];
}

/** What was lost, repeated, reordered or unexpected: a sentence a kind. */
function violationsIn({ messages, losses }: RunResult): string[] {
  const unexpected = Object.values(messages.unexpected).reduce((sum, count) => sum + count, 0);
  const why = losses === undefined ? null : lossText(losses);
  const kinds: [number, string][] = [
    [messages.lost, `lost of ${counted(messages.sent, 'message')} sent${why === null ? '' : `; ${why}`}`],
    [messages.duplicated, 'duplicated'],
    [messages.reordered, 'reordered'],
    [messages.indeterminate, 'indeterminate: their connection died with the answer outstanding'],
    [messages.refused, 'refused: they never left the driver'],
    [unexpected, 'unexpected arrivals'],
  ];
  return kinds.filter(([count]) => count > 0).map(([count, what]) => `${countText(count)} ${what}.`);
}

/** What is said of the machines of a merged run, and only of one; undefined of any other. */
export function fleetCheckOf({ validity }: RunResult): ValidityCheck | undefined {
  return validity.checks.find(({ name }) => name === 'fleet');
}

function partialReason(result: RunResult): string[] {
  const { partial, intervals, plan } = result;
  if (!partial) return [];
  const fleet = fleetCheckOf(result);
  // Of a fleet it is a part of the machines that is missing, more than a part of the time.
  if (fleet !== undefined) return [`Not all of it was driven: ${fleet.evidence}.`];
  const measuredMs = Math.min(intervals.filter((i) => i.scheduled > 0).length * 1000, plan.durationMs);
  return [`Interrupted after about ${durationText(measuredMs)} of ${durationText(plan.durationMs)}.`];
}

function failedThresholds({ thresholds }: RunResult): string[] {
  return thresholds
    .filter((threshold) => !threshold.ok)
    .map(({ expression, value }) => `Not met: ${expression} (${valueText(value)}).`);
}

/** What a threshold was compared with. */
export function valueText(value: number | null): string {
  return value === null ? 'no value was measured' : `measured ${amountText(value)}`;
}
