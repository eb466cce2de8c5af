/**
 * Numbers as a reader should see them, the same in every format: three significant digits for times, thousands
 * separators for counts, and a dash for what was not measured well enough to state. No figure is rounded to zero and
 * none to more than the measurement supports.
 */

/** What stands for a figure that is absent: a percentile with fewer than 10 samples beyond it, or nothing measured. */
export const ABSENT = '–';

/** Digits of a time: the histograms carry three significant ones. */
const SIGNIFICANT_DIGITS = 3;

const tenths = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A count, with thousands separators. */
export function countText(count: number): string {
  return whole.format(count);
}

/** A quantity with three significant digits; integers above that keep all their digits: 0.0123, 12.3, 1,235. */
export function amountText(amount: number | null): string {
  if (amount === null || !Number.isFinite(amount)) return ABSENT;
  if (Math.abs(amount) >= 99.95) return whole.format(amount);
  if (amount !== 0 && Math.abs(amount) < 0.0001) return amount.toExponential(1);
  return trimmed(amount.toPrecision(SIGNIFICANT_DIGITS), Number.isInteger(amount));
}

function trimmed(digits: string, isInteger: boolean): string {
  return isInteger ? String(Number(digits)) : digits;
}

/** A time in milliseconds, with its unit. */
export function msText(ms: number | null): string {
  return ms === null ? ABSENT : `${amountText(ms)} ms`;
}

/** A ratio as a percentage with two digits or more; what is not quite all or nothing never rounds to it. */
export function ratioText(ratio: number): string {
  const percent = ratio * 100;
  if (percent < 10) return `${Number(percent.toPrecision(2))} %`;
  if (percent > 99 && percent < 100)
    return `${Number((100 - Number((100 - percent).toPrecision(2))).toFixed(9))} %`;
  return `${amountText(percent)} %`;
}

/** A moment in milliseconds, to a tenth: 31,204.5. */
export function momentText(ms: number): string {
  return tenths.format(ms);
}

/** A percentile's name: p50, p99.9, p99.99. */
export function percentileText(percentile: number): string {
  return `p${Number(percentile.toPrecision(7))}`;
}

/** A duration for people: 30 s, 5 min, 1 h 12 min. */
export function durationText(durationMs: number): string {
  if (durationMs < 1000) return `${amountText(durationMs)} ms`;
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 120) return `${durationMs < 10_000 ? amountText(durationMs / 1000) : seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** An instant as people in another time zone can read it: 2026-01-31 09:05:00 UTC. */
export function instantText(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** The singular or the plural of a noun, with its count. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${countText(count)} ${count === 1 ? noun : plural}`;
}

/** With its first letter large, as at the start of a sentence. */
export function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** Dollars: cents from one dollar on, four significant digits below, since a short run costs less than a cent. */
export function dollarText(amount: number | null | undefined): string {
  if (amount === null || amount === undefined || !Number.isFinite(amount)) return ABSENT;
  if (amount === 0) return '$0';
  if (amount >= 1)
    return `$${amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  if (amount < 0.0001) return `$${amount.toExponential(1)}`;
  return `$${Number(amount.toPrecision(3))}`;
}
