/**
 * How long a probe has to be: long enough for the strictest percentile that its SLOs name to be stated, which takes ten
 * samples beyond it, and for a queue to show that it grows.
 */
import type { Plan } from './plan.ts';

/** Messages that a percentile takes. A reordered or lost message is none, so a tenth more is sent. */
const SAMPLES: Readonly<Record<string, number>> = { p50: 20, p90: 100, p95: 200, p99: 1_000, p999: 10_000 };

const SPARE = 1.1;

/** Queues that grow by a few percent a second need this long to leave the noise. */
const MIN_SECONDS = 10;

/** What a run adds to its warm-up and its window: start, the quiet end of the drain, connections that close, the report. */
const AROUND_MS = 4_000;

/** Messages that the SLOs need: those of their strictest percentile of a message's time; 0 when they name none. */
export function samplesFor(slos: readonly string[]): number {
  const named = slos.map((slo) => /^\s*latency\.\w+(?:\.\w+)?\.(p\d+)\b/.exec(slo)?.[1] ?? '');
  return Math.max(0, ...named.map((percentile) => SAMPLES[percentile] ?? 0));
}

export interface ProbeShape {
  readonly ratePerSecond: number;
  readonly samples: number;
  /** Null: as long as it takes. */
  readonly fixedMs: number | null;
}

/** Length of a probe's window, whole seconds unless it is fixed. */
export function probeDurationMs({ ratePerSecond, samples, fixedMs }: ProbeShape): number {
  if (fixedMs !== null) return fixedMs;
  return Math.max(MIN_SECONDS, Math.ceil((samples * SPARE) / ratePerSecond)) * 1000;
}

/** What a whole probe is expected to take, connections and warm-up included. */
export function probeTookMs(plan: Plan, shape: ProbeShape): number {
  const openingMs = (plan.connections * 1000) / plan.connectRatePerSecond;
  return openingMs + plan.warmupMs + probeDurationMs(shape) + AROUND_MS;
}
