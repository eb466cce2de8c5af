/**
 * The curves of a capacity search: latency over the offered rate, with the knee and the SLOs in it, and what came back of
 * what was offered. Several probes of a rate are joined by their worst, since percentiles can't be averaged.
 */
import type { CapacityProbe, CapacityResult } from '../../bench/core/capacity.ts';
import { amountText } from '../figures.ts';
import { type Figure, figure, type Series } from '../html/figure.ts';
import { type Html, html } from '../html/html.ts';
import { type JudgedProbe, judgedOf, rateText, VERDICTS } from './words.ts';

/** Room on either side of the rates, as a factor. */
const MARGIN = 1.15;

/** Latency above and below which the knee's line ends, as factors of what was measured. */
const HEADROOM = 1.6;

/** The figures; nothing when no probe has a latency. */
export function curves(result: CapacityResult): Html {
  const probes = result.probes.filter(({ verdict }) => verdict !== 'not judged');
  if (probes.every(({ p99, p50 }) => p99 === null && p50 === null)) {
    return html`<p class="none">No curve: no probe has a latency that could be stated.</p>`;
  }
  return html`${figure(latency(result, probes))}${figure(throughput(result, probes))}`;
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
    data: [dataOf(probes, judged)],
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
    data: [dataOf(probes, judgedOf(result.slos))],
  };
}

function chartOf([xMin, xMax]: readonly [number, number]): Omit<
  Figure['chart'],
  'unit' | 'isLogarithmic' | 'series'
> {
  return { axis: 'rate', xMin, xMax, drainFrom: null, isStacked: false };
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
    return { label: VERDICTS[verdict], color, shape: 'points', marker, points };
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

function dataOf(probes: readonly CapacityProbe[], judged: JudgedProbe): Figure['data'][number] {
  const rows = [...probes].sort((a, b) => a.ratePerSecond - b.ratePerSecond || a.index - b.index);
  return {
    caption: 'Probes by rate',
    head: ['rate, messages/s', 'probe', 'verdict', 'delivered/s', 'p50 ms', `${judged.name} ms`],
    wordColumns: 3,
    rows: rows.map((probe) => [
      rateText(probe.ratePerSecond),
      String(probe.index),
      VERDICTS[probe.verdict],
      amountText(probe.deliveredPerSecond),
      amountText(probe.p50),
      amountText(judged.value(probe)),
    ]),
  };
}
