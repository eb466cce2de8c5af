/**
 * The latency section: the percentile curve of response and service time on one logarithmic-percentile axis, and all
 * three latencies as a table. Where the curves part, messages waited in the driver before they were sent.
 */
import type { RunResult } from '../../bench/model/result.ts';
import {
  amount,
  type Blocks,
  count,
  figure,
  none,
  note,
  page,
  section,
  table,
  word,
} from '../document/blocks.ts';
import { plotted, spansDecades } from '../document/chart.ts';
import type { Series } from '../document/client/chart-data.ts';
import { amountText, countText, percentileText } from '../figures.ts';
import { quantileTable } from './quantiles.ts';
import type { Distribution, RunReading } from './reading.ts';

/** The latency section. */
export function latency({ result, distributions }: RunReading): Blocks {
  const { response, service, sendLag } = result.latency;
  return section('latency', 'Latency', [
    page(() => curve(distributions)),
    quantileTable('Latency, ms', [
      { name: 'response', quantiles: response },
      { name: 'service', quantiles: service },
      { name: 'send lag', quantiles: sendLag },
    ]),
    note(loopNote(result)),
  ]);
}

function loopNote({ plan }: RunResult): string {
  return plan.load.kind === 'closed'
    ? 'Closed loop: a message is due when an earlier one is answered, so a stall of the stage also stops the load. ' +
        'Latency under a given rate needs an open loop (--rate).'
    : 'Response = arrival − intended time; service = arrival − actual send; send lag = actual send − intended time.';
}

function curve({ response, service }: RunReading['distributions']): Blocks {
  if (response.points.length === 0) {
    return none('No percentile curve: there are too few samples, or latency.hlog could not be read.');
  }
  const series = curves(response, service);
  const xMax = Math.max(...series.flatMap((s) => s.points.map(([x]) => x)));
  return figure({
    title: 'Percentile distribution',
    description: `Percentile curve of response time, ${curveText(response)}, and of service time, ${curveText(service)}.`,
    note:
      'Latency in ms against percentile; every step to the right is ten times rarer. The curve ends where fewer than ' +
      '10 samples lie beyond. Where response lies above service, messages waited to be sent.',
    height: 'tall',
    chart: {
      axis: 'percentiles',
      xMin: 1,
      xMax,
      drainFrom: null,
      unit: 'ms',
      isLogarithmic: spansDecades(series),
      isStacked: false,
      series,
    },
    data: curveTable(response, service),
  });
}

function curves(response: Distribution, service: Distribution): Series[] {
  return [
    {
      label: 'response',
      color: '--response',
      shape: 'line',
      width: 2.5,
      marker: 'circle',
      points: curvePoints(response),
    },
    {
      label: 'service',
      color: '--service',
      shape: 'line',
      dash: [6, 4],
      marker: 'triangle',
      points: curvePoints(service),
    },
  ];
}

/** x = 100 / (100 − percentile): 1 at p0, 2 at p50, 10 at p90, 100 at p99. */
function curvePoints({ points }: Distribution): Series['points'] {
  return plotted(points.map(({ percentile, valueMs }) => ({ x: 100 / (100 - percentile), y: valueMs })));
}

function curveText({ points }: Distribution): string {
  const last = points.at(-1);
  return last === undefined
    ? 'absent'
    : `rising to ${amountText(last.valueMs)} ms at ${percentileText(last.percentile)}`;
}

function curveTable(response: Distribution, service: Distribution) {
  const serviceMs = new Map(service.points.map(({ percentile, valueMs }) => [percentile, valueMs]));
  const caption = `Response and service time by percentile, ${countText(response.count)} samples`;
  return table(caption, response.points, [
    word('percentile', ({ percentile }) => percentileText(percentile)),
    amount('response ms', ({ valueMs }) => valueMs),
    amount('service ms', ({ percentile }) => serviceMs.get(percentile) ?? null),
    count('samples beyond', ({ beyond }) => beyond),
  ]);
}
