/** Bounds of a validity check, and how its figures are written. */
import type { ValidityVerdict } from '../model/result.ts';

/** Up to `valid` a value is valid, up to `invalid` unknown, beyond it invalid. */
export interface Bounds {
  readonly valid: number;
  readonly invalid: number;
}

/** The verdict on a value. */
export function within(value: number, bounds: Bounds): ValidityVerdict {
  if (value <= bounds.valid) return 'valid';
  return value <= bounds.invalid ? 'unknown' : 'invalid';
}

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

export const ms = (value: number): string => `${value.toFixed(2)} ms`;
