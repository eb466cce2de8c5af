/**
 * Joins the AWS wire protocols and the local services. A service is a table of actions by their AWS names; an action
 * takes and returns the shapes of the JavaScript SDK's commands, so the SDK's own types describe both.
 */
import type { AwsError } from '../errors.ts';

export interface ActionContext {
  readonly requestId: string;
  /** Aborted when the client is gone: ends responses that stream. */
  readonly signal: AbortSignal;
}

/**
 * One action. A member of its output may be an async iterable where the service model has an event stream. A method type,
 * so that a table can hold actions whose inputs are the SDK's own types.
 */
export type Action = {
  perform(input: object, context: ActionContext): object | Promise<object>;
}['perform'];

/** A service's actions, by operation name: `DescribeStacks`. */
export type Actions = Readonly<Record<string, Action>>;

export type ServiceName = 'cloudformation' | 'cloudwatch' | 'kinesis' | 'lambda' | 'servicequotas' | 'sts';

// Pages of a list whose tokens are places in it.

interface PageOptions {
  /** Index where the page begins, as the previous page returned it; undefined for the first. */
  readonly token: string | undefined;
  readonly most: number;
  /** Thrown for a token that is not an index of the list. */
  readonly invalid: AwsError;
}

export function page<T>(
  all: readonly T[],
  { token, most, invalid }: PageOptions,
): { readonly items: T[]; readonly next: string | undefined } {
  const start = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(start) || start < 0 || start > all.length) throw invalid;
  const end = start + most;
  return { items: all.slice(start, end), next: end < all.length ? String(end) : undefined };
}
