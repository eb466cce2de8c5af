/**
 * The curves of a capacity search: latency over the offered rate, with the knee and the SLOs in it, and what came back of
 * what was offered. Several probes of a rate are joined by their worst, since percentiles can't be averaged.
 */
import type { CapacityProbe, CapacityResult } from '../../bench/judge/capacity.ts';
import { judgedLatency } from '../../bench/judge/judged-latency.ts';
import { amount, type Blocks, type Figure, figure, none, table, word } from '../document/blocks.ts';
import type { Chart } from '../document/chart.ts';
import type { Series } from '../document/client/chart-data.ts';
import { amountText, countText } from '../figures.ts';

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

/** A rate without its unit. */
export function rateText(perSecond: number): string {
  return Number.isInteger(perSecond) ? countText(perSecond) : String(perSecond);
}

/** Room on either side of the rates, as a factor. */
const MARGIN = 1.15;

/** Latency above and below which the knee's line ends, as factors of what was measured. */
const HEADROOM = 1.6;

/** The figures; nothing when no probe has a latency. */
export function curves(result: CapacityResult): Blocks {
  const probes = result.probes.filter(({ verdict }) => verdict !== 'not judged');
  if (probes.every(({ p99, p50 }) => p99 === null && p50 === null)) {
    return none('No curve: no probe has a latency that could be stated.');
  }
  return [figure(latency(result, probes)), figure(throughput(result, probes))];
}

function latency(result: CapacityResult, probes: readonly CapacityProbe[]): Figure {
  const range = rangeOf(probes);
  const bounds = boundsOf(result);
  const judged = judgedOf(result.slos);
  const measured = probes
    .flatMap((probe) => [probe.p50, judged.value(probe)])
    .filter((ms) => ms !== null && ms > 0) as number[];
  const low = Math.min(...measured, ...bounds) / HEADROOM;
  const high = Math.max(...measured, ...bounds) * HEADROOM;
  const series = [
    line('p50', '--extreme', probes, ({ p50 }) => p50, [2, 3]),
    line(judged.name, '--response', probes, judged.value),
    ...marks(probes, judged.value),
    ...bounds.map((ms) => level(`SLO: below ${amountText(ms)} ms`, ms, range)),
    ...knee(result, [low, high]),
  ];
  return {
    title: 'Response time over offered rate',
    description: `Response time p50 and ${judged.name} of ${probes.length} probes by offered rate. ${result.answer.sentence}`,
    note: 'Both axes are logarithmic. Each mark is a probe, at the percentile that the SLOs name; at a rate that was probed several times the lines follow the slowest. A stage that keeps up is flat; past the knee the queue grows for as long as the load lasts, so its latency says how long the probe was.',
    height: 'tall',
    chart: { ...chartOf(range), unit: 'ms', isLogarithmic: true, series },
    data: dataOf(probes, judged),
  };
}

function throughput(result: CapacityResult, probes: readonly CapacityProbe[]): Figure {
  const range = rangeOf(probes);
  const delivered = ({ deliveredPerSecond }: CapacityProbe): number => deliveredPerSecond;
  const rates = probes.flatMap((probe) => [probe.ratePerSecond, delivered(probe)]).filter((rate) => rate > 0);
  const ends: [number, number] = [Math.min(...rates) / MARGIN, Math.max(...rates) * MARGIN];
  const series: Series[] = [
    { label: 'all of it', color: '--extreme', shape: 'line', dash: [2, 3], points: range.map((x) => [x, x]) },
    ...marks(probes, delivered),
    ...knee(result, ends),
  ];
  return {
    title: 'Delivered over offered rate',
    description: 'Answers per second that came while messages were being sent, by offered rate.',
    note: 'Where the marks leave the dotted line, less came back than was sent.',
    height: 'medium',
    chart: { ...chartOf(range), unit: 'messages/s', isLogarithmic: true, series },
    data: dataOf(probes, judgedOf(result.slos)),
  };
}

function chartOf([xMin, xMax]: readonly [number, number]): Pick<Chart, 'axis' | 'xMin' | 'xMax'> {
  return { axis: 'rate', xMin, xMax };
}

function rangeOf(probes: readonly CapacityProbe[]): readonly [number, number] {
  const rates = probes.map(({ ratePerSecond }) => ratePerSecond);
  return [Math.min(...rates) / MARGIN, Math.max(...rates) * MARGIN];
}

type Value = (probe: CapacityProbe) => number | null;

/** The worst of a rate's probes, by rising rate. */
function line(
  label: string,
  color: Series['color'],
  probes: readonly CapacityProbe[],
  value: Value,
  dash: readonly number[] = [],
): Series {
  const worst = new Map<number, number>();
  for (const probe of probes) {
    const y = value(probe);
    if (y !== null) worst.set(probe.ratePerSecond, Math.max(y, worst.get(probe.ratePerSecond) ?? 0));
  }
  const points = [...worst].sort(([a], [b]) => a - b);
  return { label, color, shape: 'line', dash, points };
}

const MARKS = [
  { verdict: 'held', color: '--good', marker: 'circle' },
  { verdict: 'failed', color: '--bad', marker: 'triangle' },
  { verdict: 'invalid', color: '--unsure', marker: 'diamond' },
] as const;

function marks(probes: readonly CapacityProbe[], value: Value): Series[] {
  return MARKS.map(({ verdict, color, marker }): Series => {
    const points = probes
      .filter((probe) => probe.verdict === verdict && value(probe) !== null)
      .map((probe): [number, number | null] => [probe.ratePerSecond, value(probe)])
      .sort(([a], [b]) => a - b);
    return { label: verdict, color, shape: 'points', marker, points };
  }).filter(({ points }) => points.length > 0);
}

function level(label: string, y: number, range: readonly [number, number]): Series {
  return { label, color: '--service', shape: 'line', dash: [6, 4], points: range.map((x) => [x, y]) };
}

/** A line upright at the answer. */
function knee({ answer }: CapacityResult, [low, high]: readonly [number, number]): Series[] {
  const { ratePerSecond, isLowerBound } = answer;
  if (ratePerSecond === null) return [];
  const label = `${isLowerBound ? 'holds at' : 'knee'}: ${rateText(ratePerSecond)}/s`;
  const points: Series['points'] = [
    [ratePerSecond, low],
    [ratePerSecond, high],
  ];
  return [{ label, color: '--metric', shape: 'line', width: 2, points }];
}

/** Upper bounds that the SLOs set on a percentile of response time. */
function boundsOf({ slos }: CapacityResult): number[] {
  const bounds = slos.map((slo) => /^\s*latency\.response\.p\d+\s*<=?\s*([\d.]+)\s*$/.exec(slo)?.[1]);
  return [...new Set(bounds.filter((bound) => bound !== undefined).map(Number))].filter((ms) => ms > 0);
}

function dataOf(probes: readonly CapacityProbe[], judged: JudgedProbe): Figure['data'] {
  const byRate = [...probes].sort((a, b) => a.ratePerSecond - b.ratePerSecond || a.index - b.index);
  return table('Probes by rate', byRate, [
    word('rate, messages/s', ({ ratePerSecond }) => rateText(ratePerSecond)),
    word('probe', ({ index }) => index),
    word('verdict', ({ verdict }) => verdict),
    amount('delivered/s', ({ deliveredPerSecond }) => deliveredPerSecond),
    amount('p50 ms', ({ p50 }) => p50),
    amount(`${judged.name} ms`, judged.value),
  ]);
}
