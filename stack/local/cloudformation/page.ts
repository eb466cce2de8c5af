/** Pages of a list. CloudFormation's hold up to a hundred items or one megabyte; here the number decides. */
import { AwsError } from '../endpoints/action.ts';

const PAGE_ITEMS = 100;

/** The page that a token names, the first without one, and the token of the next. */
export function page<T>(
  all: readonly T[],
  token: string | undefined,
): { readonly items: T[]; readonly next: string | undefined } {
  const start = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(start) || start < 0 || start > all.length)
    throw new AwsError('ValidationError', 'NextToken is invalid');
  const end = start + PAGE_ITEMS;
  return { items: all.slice(start, end), next: end < all.length ? String(end) : undefined };
}
