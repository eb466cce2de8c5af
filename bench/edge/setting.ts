/** Settings as people write them in files and flags, each a schema: whole numbers, durations, rates. */
import { z } from 'zod';
import { parseDuration, parseRate } from './duration.ts';

/** Limits with their reasons. */
export const MAX_RATE_PER_SECOND = 1_000_000;
export const MAX_DURATION_MS = 24 * 3_600_000;

/** Says what is wrong with a value. */
export function problem(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

/** A whole number as JSON or a flag writes it; nothing else that JavaScript would take for one. */
export const whole = (min: number, max: number) =>
  z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^-?\d+$/)
          .transform(Number),
      ],
      { error: 'must be a whole number' },
    )
    .pipe(
      z
        .number()
        .int('must be a whole number')
        .min(min, `must be at least ${min}`)
        .max(max, `must be at most ${max}`),
    );

/** Milliseconds of a duration. */
export const duration = (minMs: number) =>
  z
    .union([z.string(), z.number()], { error: 'must be a duration such as 30s, 5m or 250ms' })
    .transform((value, context) => {
      const parsed = parseDuration(String(value));
      if (parsed === null) return problem(context, `'${value}' is not a duration such as 30s, 5m or 250ms`);
      if (parsed < minMs) return problem(context, `must be at least ${minMs}ms`);
      if (parsed > MAX_DURATION_MS) return problem(context, 'must be at most 24h');
      return parsed;
    });

/** Events per second, none allowed. */
export const rateOrZero = z
  .union([z.string(), z.number()], { error: 'must be a number of events per second' })
  .transform((value, context) => {
    const parsed = parseRate(String(value));
    if (parsed === null) return problem(context, `'${value}' is not a rate such as 500 or 500/s`);
    if (parsed < 0 || parsed > MAX_RATE_PER_SECOND) {
      return problem(context, `must be at most ${MAX_RATE_PER_SECOND}`);
    }
    return parsed;
  });

/** Events per second. */
export const rate = rateOrZero.refine((perSecond) => perSecond > 0, {
  error: `must be above 0 and at most ${MAX_RATE_PER_SECOND}`,
});
