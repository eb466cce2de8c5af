/** The parts that every schema of saved documents is made of. Numbers are those that JSON can hold. */
import { z } from 'zod';

/**
 * An object of these properties. What a later version has added is kept as it is; the type knows nothing of it, so that nobody
 * reads it by mistake.
 */
export function saved<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape> {
  return z.looseObject(shape) as unknown as z.ZodObject<Shape>;
}

export const count = z.int().nonnegative();
export const amount = z.number();
export const maybe = z.number().nullable();
export const text = z.string();
export const instant = z
  .string()
  .refine((value) => !Number.isNaN(Date.parse(value)), 'not a time in ISO 8601');
export const texts = z.record(text, text);
export const countsByName = z.record(text, count);
export const verdict = z.enum(['valid', 'unknown', 'invalid']);
