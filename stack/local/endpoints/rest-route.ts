/**
 * Finds the operation that a REST path means, by the patterns of the service's model: `{Name}` stands for one segment,
 * `{Name+}` for several, and a query in a pattern must be in the request too. Where patterns overlap, the one with more
 * fixed text wins.
 */
import type { OperationModel, ServiceModel } from './service-model.ts';

export interface RestRoute {
  readonly operation: OperationModel;
  /** Values of the labels, decoded. */
  readonly labels: Readonly<Record<string, string>>;
}

interface Pattern {
  readonly operation: OperationModel;
  readonly method: string;
  readonly path: RegExp;
  readonly query: readonly [name: string, value: string][];
  /** Smaller comes first. */
  readonly rank: number;
}

const tables = new WeakMap<ServiceModel, readonly Pattern[]>();

/** The route of a request, or null when no operation has this method and path. Throws URIError for a broken label. */
export function findRoute(
  service: ServiceModel,
  method: string,
  path: string,
  query: URLSearchParams,
): RestRoute | null {
  for (const pattern of patternsOf(service)) {
    const match = pattern.method === method ? pattern.path.exec(path) : null;
    if (match === null || !pattern.query.every(([name, value]) => query.get(name) === value)) continue;
    return { operation: pattern.operation, labels: decoded(match.groups ?? {}) };
  }
  return null;
}

function decoded(groups: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]));
}

function patternsOf(service: ServiceModel): readonly Pattern[] {
  let patterns = tables.get(service);
  if (patterns === undefined) {
    patterns = [...service.operations.values()].flatMap(toPattern).sort((a, b) => a.rank - b.rank);
    tables.set(service, patterns);
  }
  return patterns;
}

function toPattern(operation: OperationModel): Pattern[] {
  if (operation.http === null) return [];
  const [method, pattern] = operation.http;
  const [path = '', search = ''] = pattern.split('?', 2);
  const query = [...new URLSearchParams(search)];
  const labels = path.split('{').length - 1;
  return [{ operation, method, path: toRegExp(path), query, rank: labels - query.length / 100 }];
}

/** A slash at the end is optional: older clients send it. */
function toRegExp(path: string): RegExp {
  const source = path.replace(/\{(\w+)(\+?)\}|[.*+?^$()|[\]\\]/g, (text, name?: string, greedy?: string) =>
    name === undefined ? `\\${text}` : `(?<${name}>${greedy === '+' ? '.+' : '[^/]+'})`,
  );
  return new RegExp(`^${source}/?$`);
}
