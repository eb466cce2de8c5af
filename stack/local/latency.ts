/** Draws latencies from a profile's distributions, from a given source of chance. */
import type { Random } from '../../bench/ports.ts';
import type { Latency, QuantilePoint } from './profile.ts';

/** Standard normal quantile of 0.99. */
const Z99 = 2.326_347_874;

/** A function that draws one latency in milliseconds per call, without allocating. Throws on quantiles that are none. */
export function sampler(latency: Latency, random: Random): () => number {
  switch (latency.kind) {
    case 'none':
      return () => 0;
    case 'lognormal':
      return lognormalSampler(latency.p50Ms, latency.p99Ms, random);
    case 'quantiles':
      return quantileSampler(latency.points, random);
  }
}

/** Box–Muller for the normal deviate. */
function lognormalSampler(p50Ms: number, p99Ms: number, random: Random): () => number {
  const mu = Math.log(p50Ms);
  const sigma = Math.log(p99Ms / p50Ms) / Z99;
  return () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
    return Math.exp(mu + sigma * radius * Math.cos(2 * Math.PI * random.next()));
  };
}

/**
 * Inversion: a uniform share, looked up in the quantile function. Between two points the logarithm of the latency is
 * linear in the share, so the function is monotone and a tail of several hundred milliseconds stays a tail.
 */
function quantileSampler(points: readonly QuantilePoint[], random: Random): () => number {
  checkQuantiles(points);
  const shares = Float64Array.from(points, ([share]) => share);
  const logs = Float64Array.from(points, ([, ms]) => Math.log(ms));
  return () => {
    const share = random.next();
    let upper = 1;
    while (share >= shares[upper]!) upper += 1;
    const from = shares[upper - 1]!;
    const part = (share - from) / (shares[upper]! - from);
    return Math.exp(logs[upper - 1]! + part * (logs[upper]! - logs[upper - 1]!));
  };
}

function checkQuantiles(points: readonly QuantilePoint[]): void {
  const rises = points.every(([share, ms], index) => {
    const [shareBefore, msBefore] = points[index - 1] ?? [-1, 0];
    return share > shareBefore && ms >= msBefore && ms > 0;
  });
  if (points.length < 2 || points[0]![0] !== 0 || points.at(-1)![0] !== 1 || !rises) {
    throw new Error(
      `quantiles need shares that rise from 0 to 1 and latencies above 0 that don't fall: ${JSON.stringify(points)}`,
    );
  }
}
