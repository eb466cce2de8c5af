/**
 * Where the time of traced messages went. The four hops of a message are differences of neighbouring times on its way, so
 * they telescope: in their sum every stamp of the stage is added once and subtracted once, and with it its clock's offset
 * and its rounding to whole milliseconds. What is left is arrival minus send, both of the driver's clock. That makes the
 * sum a check – a hop that is missing or counted twice shows however far the clocks are apart – but the shares of ingest,
 * queue and deliver, which cross clocks, hold no better than those clocks agree.
 */
import { MICROS_PER_MILLI, quantilesOf } from '../measure/histogram.ts';
import type { HopSums } from '../measure/ordering-report.ts';
import { STAMP_RESOLUTION_MS } from '../measure/recorder.ts';
import type { Rollup } from '../measure/rollup.ts';
import type { HopBudget } from '../model/result.ts';

/**
 * The resolution that the sum is left with. Sums are of whole microseconds: four hops and a service time are rounded by up
 * to half of one each; and two times were turned into UTC milliseconds, of which a double holds quarters of a microsecond.
 */
const SUM_TOLERANCE_MS = 0.003;

/** The hop budget; null when nothing was traced. */
export function hopBudgetOf({ histograms, anomalies, order }: Rollup): HopBudget | null {
  if (histograms.process.totalCount === 0) return null;
  const negative = anomalies.negativeHops;
  return {
    ingest: quantilesOf(histograms.ingest),
    queue: quantilesOf(histograms.queue),
    process: quantilesOf(histograms.process),
    deliver: quantilesOf(histograms.deliver),
    negative,
    offsetBoundMs: negative > 0 ? null : offsetBoundMs(histograms),
    ...(order.hops.samples === 0 ? {} : wholeOf(order.hops)),
  };
}

/** The slower of the fastest crossings each way, and the resolution of the stamps. */
function offsetBoundMs({ ingest, deliver }: Rollup['histograms']): number {
  const fastest = Math.max(ingest.getValueAtPercentile(0), deliver.getValueAtPercentile(0));
  return fastest / MICROS_PER_MILLI + STAMP_RESOLUTION_MS;
}

function wholeOf(sums: Readonly<HopSums>): Pick<HopBudget, 'shares' | 'sum'> {
  const { samples, ingest, queue, process, deliver, service } = sums;
  const hops = ingest + queue + process + deliver;
  const share = (hop: number) => (hops === 0 ? 0 : hop / hops);
  const meanMs = (sum: number) => sum / samples / MICROS_PER_MILLI;
  return {
    shares: {
      ingest: share(ingest),
      queue: share(queue),
      process: share(process),
      deliver: share(deliver),
    },
    sum: {
      samples,
      hopsMeanMs: meanMs(hops),
      serviceMeanMs: meanMs(service),
      differenceMs: meanMs(hops - service),
      toleranceMs: SUM_TOLERANCE_MS,
    },
  };
}
