/**
 * AWS publishes one count under several sets of dimensions: a stage's messages also as the API's, a function's invocations
 * also as those of all functions. The parts of the stage record once, under the most particular set; here is which others
 * that counts for. Sources: "Monitor WebSocket API execution with CloudWatch metrics" (API Gateway developer guide) and
 * "Types of metrics for Lambda functions" (Lambda developer guide).
 */
import type { MetricStore } from '../metrics.ts';
import type { MetricIdentity, MetricRegistry } from '../ports.ts';

type Dimensions = Readonly<Record<string, string>>;

/** Metrics that Lambda publishes without dimensions too and whose values of several functions can be put together. */
const ACROSS_FUNCTIONS: readonly string[] = ['Invocations', 'Errors', 'Throttles', 'Duration'];

/** The registry of the store, in which every meter counts for all the dimensions that AWS publishes its metric under. */
export function withDimensionSets(store: MetricStore): MetricRegistry {
  return {
    meter: (identity) => {
      for (const dimensions of otherDimensions(identity)) store.alias(identity, { ...identity, dimensions });
      return store.meter(identity);
    },
  };
}

function otherDimensions({ namespace, name, dimensions }: MetricIdentity): Dimensions[] {
  const { ApiId, Stage, Route, FunctionName, Resource } = dimensions;
  // A route's count is recorded besides its stage's: not everything that a stage counts has a route.
  if (namespace === 'AWS/ApiGateway' && ApiId !== undefined && Stage !== undefined && Route === undefined)
    return [{ ApiId }];
  if (namespace !== 'AWS/Lambda' || FunctionName === undefined || Resource !== undefined) return [];
  // What is invoked without a version or alias is published with its own name as the resource.
  const own = { FunctionName, Resource: FunctionName };
  return ACROSS_FUNCTIONS.includes(name) ? [own, {}] : [own];
}
