/**
 * Settings as people write them in files and flags, each a schema: whole numbers, durations, rates. The description of a
 * schema is its unit.
 */
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
    )
    .describe('whole number');

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
    })
    .describe('duration');

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

/** A whole number above nothing. */
export const upTo = (max: number) => whole(1, max);

/** True or false, as JSON or a flag writes it. */
export const toggle = z
  .union([z.boolean(), z.enum(['true', 'false'])], { error: 'must be true or false' })
  .transform((value) => String(value) === 'true');

export const choice = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names, { error: `must be one of ${names.join(', ')}` });

/** IPv6 addresses may name a zone, such as fe80::1%eth0. */
const ADDRESS = z.union([
  z.ipv4(),
  z
    .string()
    .transform((address) => address.replace(/%\w+$/, ''))
    .pipe(z.ipv6()),
]);

/** One text or several. */
export const textList = (what: string) =>
  z.union([z.string().transform((one) => [one]), z.array(z.string())], {
    error: `must be ${what}, or a list of them`,
  });

/** `Key=Value` strings, or a map. Pairs become properties one by one: a key such as `__proto__` is one too. */
export const parameters = z.unknown().transform((value, context) => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return parameterMap(value, context);
  const pairs: unknown[] = Array.isArray(value) ? value : [value];
  const parameters: [string, string][] = [];
  for (const pair of pairs) {
    const at = String(pair).indexOf('=');
    if (typeof pair !== 'string' || at < 1) problem(context, `'${pair}' is not Key=Value`);
    else parameters.push([pair.slice(0, at), pair.slice(at + 1)]);
  }
  return Object.fromEntries(parameters);
});

function parameterMap(map: object, context: z.RefinementCtx): Record<string, string> {
  return Object.fromEntries(
    Object.entries(map).map(([key, value]) => {
      if (!['string', 'number', 'boolean'].includes(typeof value))
        problem(context, `${key} must be a text or number`);
      return [key, String(value)];
    }),
  );
}

/** Addresses, each an element or several in one text with commas between them. Whether this machine has them is asked later. */
export const localAddresses = textList('an IP address').transform((texts, context) => {
  const addresses = texts.flatMap((one) => one.split(',')).map((one) => one.trim());
  for (const address of addresses)
    if (!ADDRESS.safeParse(address).success) problem(context, `'${address}' is not an IP address`);
  return [...new Set(addresses)];
});
