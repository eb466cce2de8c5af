/** The words of a capacity search that every format shares: what it came to, whose limit it is, what became of a probe. */
import type { CapacityProbe, CapacityResult } from '../../bench/core/capacity.ts';
import { judgedLatency } from '../../bench/core/judged-latency.ts';
import { pricesText } from '../../bench/core/prices-text.ts';
import { dollarText } from '../cost-words.ts';
import { ABSENT, counted, countText, ratioText } from '../figures.ts';

/** The status of a search, by which a reader acts. It names the colours of a banner too. */
export type CapacityStatus = 'pass' | 'measured' | 'threshold-failed' | 'partial' | 'invalid';

/** `measured`: an answer that is only a lower bound, or was not confirmed. */
export function statusOf({ partial, answer }: CapacityResult): CapacityStatus {
  if (partial) return 'partial';
  if (answer.ratePerSecond === null) return isUnjudged(answer) ? 'invalid' : 'threshold-failed';
  return answer.isLowerBound || !answer.isConfirmed ? 'measured' : 'pass';
}

/** Whether no rate held because none could be judged. */
function isUnjudged({ limitedBy, unjudgedAtPerSecond }: CapacityResult['answer']): boolean {
  return limitedBy === 'driver' || limitedBy === 'machine' || unjudgedAtPerSecond !== undefined;
}

/** The answer in a few words: `1,190 messages/s`, `at least 3,200 messages/s`. */
export function answerText({ answer }: CapacityResult): string {
  const { ratePerSecond, isLowerBound } = answer;
  if (answer.failure !== undefined && ratePerSecond === null) return 'The stage failed';
  if (ratePerSecond === null)
    return answer.failsAtPerSecond === null && isUnjudged(answer)
      ? 'No rate could be judged'
      : 'No rate held';
  return `${isLowerBound ? 'At least ' : ''}${rateText(ratePerSecond)} messages/s`;
}

/** A rate without its unit. */
export function rateText(perSecond: number): string {
  return Number.isInteger(perSecond) ? countText(perSecond) : String(perSecond);
}

/** Whose limit it is. */
export const LIMITS: Readonly<Record<CapacityResult['answer']['limitedBy'], string>> = {
  stage: 'the stage',
  'shard writes': 'the write limit of the stream’s shards',
  driver: 'the driver',
  machine: 'this machine, shared by stage and driver',
  'max rate': '--max-rate',
  search: 'the search, which ended early',
  nothing: 'nothing: no rate was judged',
};

export const VERDICTS: Readonly<Record<CapacityProbe['verdict'], string>> = {
  held: 'held',
  failed: 'failed',
  invalid: 'invalid',
  'not judged': 'not judged',
};

/** How near the answer is known; a dash when nothing above it failed. */
export function precisionText({ answer }: CapacityResult): string {
  return answer.precision === null ? ABSENT : ratioText(answer.precision);
}

/** The stage in a few words. */
export function stageText({ stage: { kind, name, region, profile } }: CapacityResult): string {
  if (kind === 'local') return profile === null ? 'Local stage' : `Local stage, profile ${profile}`;
  return kind === 'aws' ? `AWS stack ${name}${region === null ? '' : ` in ${region}`}` : `Stage ${name}`;
}

/** What the search cost and what a round trip costs at the rate found, in one sentence; null of an older result, which does not say. */
export function costText({ cost, answer: { ratePerSecond }, probes }: CapacityResult): string | null {
  if (cost === undefined) return null;
  if (cost === null) return 'Cost: not known, for nothing can be priced without a template.';
  const search =
    cost.total === null
      ? 'what the search cost is not known, for some of its probes have no cost'
      : `the search ${dollarText(cost.total)} for ${counted(probes.length, 'probe')}`;
  const there = ratePerSecond === null ? [] : [atCapacityText(cost, ratePerSecond)];
  const basis = cost.basis === 'as on AWS' ? '; what it would cost on AWS, nothing was billed' : '';
  return `Cost: ${[search, ...there].join('; ')} (${pricesText(cost)}${basis}).`;
}

function atCapacityText(
  { perMillionRoundTrips, perMonth }: NonNullable<CapacityResult['cost']>,
  ratePerSecond: number,
): string {
  const at = `at ${rateText(ratePerSecond)}/s`;
  if (perMillionRoundTrips === null) return `${at} the cost of a round trip is not known`;
  const month = perMonth === null ? '' : `, ${dollarText(perMonth)} a month`;
  return `${at} ${dollarText(perMillionRoundTrips)} per million round trips${month}`;
}

/** The latency that the SLOs are about, of a probe. */
export interface JudgedProbe {
  /** As a head of a column: p90. */
  readonly name: string;
  readonly title: string;
  readonly value: (probe: CapacityProbe) => number | null;
}

/** Of the first SLO on a time; response p99 where none is. A probe that was not judged has only what every probe has. */
export function judgedOf(slos: readonly string[]): JudgedProbe {
  const { expression, series, statistic, name } = judgedLatency(slos);
  const isResponse = series === 'response';
  const own = isResponse && (['p50', 'p99', 'max'] as const).find((known) => known === statistic);
  return {
    name: isResponse ? name : `service ${name}`,
    title: `${isResponse ? 'Response' : 'Service'} ${name}`,
    value: (probe) =>
      probe.slos.find((slo) => slo.expression === expression)?.value ?? (own ? probe[own] : null),
  };
}
