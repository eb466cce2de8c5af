/**
 * How many neighbouring seconds are resampled together: the automatic block length of Politis and White (2004, with the
 * correction of Patton, Politis and White 2009) for the circular block bootstrap. Too short a block breaks what holds
 * seconds together and makes intervals too narrow; too long a one leaves too few to draw from.
 */

/** Autocorrelations beyond this many standard errors count as there (Politis and White recommend 2). */
const SIGNIFICANCE = 2;

function autocovariances(series: readonly number[], maxLag: number): number[] {
  const n = series.length;
  const mean = series.reduce((sum, value) => sum + value, 0) / n;
  const centred = series.map((value) => value - mean);
  return Array.from({ length: maxLag + 1 }, (_, lag) => {
    let sum = 0;
    for (let at = lag; at < n; at++) sum += centred[at]! * centred[at - lag]!;
    return sum / n;
  });
}

/** The lag from which on autocorrelations are insignificant for a while. */
function lastLag(correlations: readonly number[], n: number, maxLag: number): number {
  const window = Math.max(5, Math.ceil(Math.sqrt(Math.log10(n))));
  const bound = SIGNIFICANCE * Math.sqrt(Math.log10(n) / n);
  for (let lag = 0; lag + window < correlations.length; lag++) {
    const next = correlations.slice(lag + 1, lag + 1 + window);
    if (next.every((value) => Math.abs(value) < bound)) return lag;
  }
  return maxLag;
}

/** Flat at 1 up to a half, then down to 0 at 1. */
function flatTop(x: number): number {
  return x <= 0.5 ? 1 : Math.max(0, 2 * (1 - x));
}

/** The block length for the mean of the series, in elements; 1 when neighbours tell nothing of each other. */
export function blockLength(series: readonly number[]): number {
  const n = series.length;
  if (n < 4) return 1;
  const longest = Math.max(1, Math.min(Math.ceil(3 * Math.sqrt(n)), Math.floor(n / 4)));
  const window = Math.max(5, Math.ceil(Math.sqrt(Math.log10(n))));
  const maxLag = Math.min(n - 1, Math.ceil(Math.sqrt(n)) + window);
  const covariances = autocovariances(series, Math.min(n - 1, 2 * maxLag));
  const variance = covariances[0]!;
  if (variance <= 0) return 1;
  const correlations = covariances.slice(0, maxLag + 1).map((value) => value / variance);
  const bandwidth = Math.min(2 * Math.max(1, lastLag(correlations, n, maxLag)), covariances.length - 1);
  let spectrum = variance;
  let slope = 0;
  for (let lag = 1; lag <= bandwidth; lag++) {
    const weight = 2 * flatTop(lag / bandwidth) * covariances[lag]!;
    spectrum += weight;
    slope += weight * lag;
  }
  if (spectrum <= 0) return 1;
  const length = (1.5 * (slope / spectrum) ** 2 * n) ** (1 / 3);
  return Math.min(longest, Math.max(1, Math.ceil(length)));
}
