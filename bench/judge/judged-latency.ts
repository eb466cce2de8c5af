/** The latency that goals are about: what is shown first is what was asked for, and a p99 that has too few samples tells nothing of a goal on p90. */

export interface JudgedLatency {
  /** The goal; null where none is on a latency. */
  readonly expression: string | null;
  readonly series: 'response' | 'service';
  /** As in result.json: p50, p999, max … */
  readonly statistic: string;
  /** As it is printed: p50, p99.9, max … */
  readonly name: string;
}

const LATENCY = /^\s*latency\.(response|service)\.(p50|p90|p95|p99|p999|mean|max)\s*[<>=!]/;

/** Of the first goal on a time, those on response time first; response p99 where none is. */
export function judgedLatency(expressions: readonly string[]): JudgedLatency {
  const found = expressions.flatMap((expression) => {
    const [, series, statistic] = LATENCY.exec(expression) ?? [];
    return series === undefined || statistic === undefined ? [] : [{ expression, series, statistic }];
  });
  const first = found.find(({ series }) => series === 'response') ?? found[0];
  const { expression = null, series = 'response', statistic = 'p99' } = first ?? {};
  return {
    expression,
    series: series === 'service' ? 'service' : 'response',
    statistic,
    name: statistic === 'p999' ? 'p99.9' : statistic,
  };
}
