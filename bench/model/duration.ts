/** Durations and rates as people write them: `30s`, `5m`, `250ms`, `1.5h`; `500` or `500/s`. */

const MILLIS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a duration with its unit, or null when it is none. */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim());
  return match === null ? null : Number(match[1]) * MILLIS[match[2]!]!;
}

/** Events per second of a rate, or null when it is none. */
export function parseRate(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(?:\/s)?$/.exec(text.trim());
  return match === null ? null : Number(match[1]);
}

/** An amount of US dollars such as 0.50, or null when it is none. */
export function parseDollars(text: string): number | null {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}

const UNITS: readonly (readonly [unit: string, lengthMs: number])[] = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
];

/** A duration as the command line takes it: 30s, 5m, 250ms. */
export function durationFlag(durationMs: number): string {
  const [unit, lengthMs] = UNITS.find(([, length]) => durationMs > 0 && durationMs % length === 0) ?? [
    'ms',
    1,
  ];
  return `${durationMs / lengthMs}${unit}`;
}
