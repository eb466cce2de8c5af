/** Pages of a list whose tokens are places in it. */
import type { AwsError } from './action.ts';

export interface PageOptions {
  /** The place where the page begins, as the page before named it; undefined for the first. */
  readonly token: string | undefined;
  readonly most: number;
  /** Thrown for a token that names no place of the list. */
  readonly invalid: AwsError;
}

/** The page, and the token of the next. */
export function page<T>(
  all: readonly T[],
  { token, most, invalid }: PageOptions,
): { readonly items: T[]; readonly next: string | undefined } {
  const start = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(start) || start < 0 || start > all.length) throw invalid;
  const end = start + most;
  return { items: all.slice(start, end), next: end < all.length ? String(end) : undefined };
}
