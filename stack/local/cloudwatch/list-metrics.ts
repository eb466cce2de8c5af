/** ListMetrics: which metrics there are, in pages (ListMetrics API reference). */

import { createHash } from 'node:crypto';
import type { DimensionFilter, ListMetricsInput, ListMetricsOutput } from '@aws-sdk/client-cloudwatch';
import { z } from 'zod';
import { AwsError } from '../endpoints/action.ts';
import { keyOf, type MetricName, type MetricReader } from './metric-reader.ts';

/** Metrics in one answer (ListMetrics API reference). */
const PAGE_METRICS = 500;

/** Most dimensions a filter may name (ListMetrics API reference). */
const FILTER_DIMENSIONS = 30;

/** What `RecentlyActive` means by its only value, PT3H. */
const RECENT_MS = 3 * 3_600_000;

export function listMetrics(
  reader: MetricReader,
  accountId: string,
  input: ListMetricsInput,
): ListMetricsOutput {
  check(input);
  const { NextToken, ...request } = input;
  const after = NextToken === undefined ? '' : positionOf(request, NextToken);
  const owned = (input.OwningAccount ?? accountId) === accountId;
  const left = (owned ? reader.list() : []).filter(
    (metric) => matches(metric, input, reader) && keyOf(metric) > after,
  );
  const page = left.slice(0, PAGE_METRICS);
  return {
    Metrics: page.map(({ namespace, name, dimensions }) => ({
      Namespace: namespace,
      MetricName: name,
      Dimensions: [...dimensions],
    })),
    ...(input.IncludeLinkedAccounts === true ? { OwningAccounts: page.map(() => accountId) } : {}),
    ...(left.length > page.length ? { NextToken: encodeToken(request, [keyOf(page.at(-1)!)]) } : {}),
  };
}

function check({ Dimensions = [], RecentlyActive }: ListMetricsInput): void {
  const problems: string[] = [];
  if (RecentlyActive !== undefined && RecentlyActive !== 'PT3H')
    problems.push(`The value ${RecentlyActive} for parameter RecentlyActive must be PT3H.`);
  if (Dimensions.length > FILTER_DIMENSIONS)
    problems.push(`The collection Dimensions must not have a size greater than ${FILTER_DIMENSIONS}.`);
  for (const [index, { Name }] of Dimensions.entries()) {
    if (!Name) problems.push(`The parameter Dimensions.member.${index + 1}.Name is required.`);
  }
  if (problems.length > 0) throw new AwsError('InvalidParameterValue', problems.join('\n'));
}

function matches(metric: MetricName, filter: ListMetricsInput, reader: MetricReader): boolean {
  if (filter.Namespace !== undefined && filter.Namespace !== metric.namespace) return false;
  if (filter.MetricName !== undefined && filter.MetricName !== metric.name) return false;
  if (!(filter.Dimensions ?? []).every((dimension) => has(metric, dimension))) return false;
  return filter.RecentlyActive === undefined || reader.isActive(metric, RECENT_MS);
}

function has(metric: MetricName, filter: DimensionFilter): boolean {
  return metric.dimensions.some(
    ({ Name, Value }) => Name === filter.Name && (filter.Value === undefined || filter.Value === Value),
  );
}

function positionOf(request: object, token: string): string {
  const [after] = decodeToken(request, token) ?? [];
  if (typeof after !== 'string')
    throw new AwsError('InvalidParameterValue', 'Request parameter NextToken is invalid');
  return after;
}

const tokenSchema = z.tuple([z.string(), z.union([z.string(), z.number()]).array()]);

/** Where a page begins. */
export type Position = readonly (string | number)[];

function fingerprint(request: object): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('base64url').slice(0, 16);
}

/**
 * Tokens that continue an answer. A token carries where the next page begins, in words that later data don't change, and
 * a fingerprint of the request: a token that was made for another request is refused instead of answering nonsense.
 */
export function encodeToken(request: object, position: Position): string {
  return Buffer.from(JSON.stringify([fingerprint(request), position])).toString('base64url');
}

/** The position in a token made for this request; null for any other text. */
export function decodeToken(request: object, token: string): Position | null {
  try {
    const [made, position] = tokenSchema.parse(JSON.parse(Buffer.from(token, 'base64url').toString()));
    return made === fingerprint(request) ? position : null;
  } catch {
    return null;
  }
}
