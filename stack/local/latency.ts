/** Draws latencies from a profile's distributions, from a given source of chance. */
import type { Random } from '../../bench/ports.ts';
import type { Latency } from './profile.ts';

/** Standard normal quantile of 0.99. */
const Z99 = 2.326_347_874;

/** A function that draws one latency in milliseconds per call. Box–Muller for the normal deviate. */
export function sampler(latency: Latency, random: Random): () => number {
  if (latency.kind === 'none') return () => 0;
  const mu = Math.log(latency.p50Ms);
  const sigma = Math.log(latency.p99Ms / latency.p50Ms) / Z99;
  return () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
    return Math.exp(mu + sigma * radius * Math.cos(2 * Math.PI * random.next()));
  };
}
