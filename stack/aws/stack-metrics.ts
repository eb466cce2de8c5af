/**
 * Reads a pipeline's metrics from CloudWatch: every series in as few calls as the limits allow, every page of a response,
 * and again what came back unfinished. What is still unfinished then is named, not passed over.
 *
 * CloudWatch has no value for a minute in which nothing was counted. So a count is zero in such a minute as far as the
 * pipeline's other metrics have come, if its own source publishes at all; a source that never published anything has no
 * series, because that may as well mean that it is not known yet.
 */
import type { GetMetricDataInput, GetMetricDataOutput, ListMetricsOutput } from '@aws-sdk/client-cloudwatch';
import type { MetricSeries, StageMetrics, StagePipeline } from '../../bench/model/result.ts';
import {
  apiDimensions,
  type Dimensions,
  type MetricSource,
  type PipelineMetric,
  pipelineMetrics,
} from '../pipeline.ts';

/** The two questions CloudWatch is asked. */
export interface CloudWatchQuestions {
  getMetricData(input: GetMetricDataInput): Promise<GetMetricDataOutput>;
  listMetrics(input: {
    Namespace: string;
    MetricName: string;
    Dimensions: { Name: string; Value: string }[];
  }): Promise<ListMetricsOutput>;
}

/** How often an unfinished series is asked for. InternalError and PartialData pass; three are patience enough a reading. */
const MAX_ROUNDS = 3;

/** Pages of one response. 100,800 values come in few; a response without end is a fault. */
const MAX_PAGES = 1_000;

/**
 * Counts without a value that may as well mean that nobody counts: ConnectCount is of messages to the integration of
 * `$connect`, which an API need not have. Zero would be a guess.
 */
const MAY_BE_EMPTY: ReadonlySet<string> = new Set(['ConnectCount']);

/** A series as CloudWatch gave it. */
interface Answer {
  readonly values: Map<number, number>;
  isComplete: boolean;
}

export interface StackMetricsOptions {
  readonly cloudWatch: CloudWatchQuestions;
  readonly pipeline: StagePipeline;
  /** What the result says the metrics are from. */
  readonly source: StageMetrics['source'];
}

export class StackMetrics {
  readonly #options: StackMetricsOptions;
  #gateway: Dimensions | null;
  #isDiscovered = false;

  constructor(options: StackMetricsOptions) {
    this.#options = options;
    this.#gateway = apiDimensions(options.pipeline);
  }

  /** All series in the window, which is whole minutes. */
  async read(window: MetricWindow): Promise<StageMetrics> {
    const queries = metricQueries(this.#options.pipeline, this.#gateway);
    const answers = await this.#ask(queries, window);
    if (await this.#discovers(queries, answers)) return this.read(window);
    const unfinished = queries.filter(({ id }) => answers.get(id)?.isComplete !== true);
    const names = unfinished.map(({ seriesId }) => seriesId).join(', ');
    return {
      source: this.#options.source,
      periodMs: PERIOD_MS,
      incomingRecords: incomingRecords(queries, answers),
      series: seriesOf(queries, answers, window),
      window,
      ...(unfinished.length === 0 ? {} : { problems: [`CloudWatch gave only part of ${names}`] }),
    };
  }

  async #ask(queries: readonly MetricQuery[], window: MetricWindow): Promise<Map<string, Answer>> {
    const answers = new Map<string, Answer>();
    let open = queries;
    for (let round = 0; round < MAX_ROUNDS && open.length > 0; round++) {
      for (const call of inCalls(open, window)) await this.#askOnce(call, window, answers);
      open = open.filter(({ id }) => answers.get(id)?.isComplete !== true);
    }
    return answers;
  }

  async #askOnce(
    call: readonly MetricQuery[],
    window: MetricWindow,
    answers: Map<string, Answer>,
  ): Promise<void> {
    const input = inputOf(call, window);
    let token: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const output = await this.#options.cloudWatch.getMetricData(
        token === undefined ? input : { ...input, NextToken: token },
      );
      for (const result of output.MetricDataResults ?? []) note(answers, result);
      token = output.NextToken;
      if (token === undefined || token === '') return;
    }
    throw new Error(`CloudWatch's answer did not end within ${MAX_PAGES} pages`);
  }

  /**
   * An API whose metrics are not under API and stage is looked for once: whether they have these dimensions depends on
   * settings that may be changed outside the stack. Answers whether there is something to ask anew.
   */
  async #discovers(queries: readonly MetricQuery[], answers: ReadonlyMap<string, Answer>): Promise<boolean> {
    const gateway = this.#gateway;
    if (gateway === null || this.#isDiscovered) return false;
    const ofGateway = queries.filter(({ source }) => source.namespace === 'AWS/ApiGateway');
    if (ofGateway.some(({ id }) => (answers.get(id)?.values.size ?? 0) > 0)) return false;
    const found = await this.#publishedDimensions(String(gateway.ApiId));
    if (found === null) return false;
    this.#isDiscovered = true;
    if (JSON.stringify(found) === JSON.stringify(gateway)) return false;
    this.#gateway = found;
    return true;
  }

  /** The fewest dimensions that the API's messages are counted under: the fewer, the more they cover. */
  async #publishedDimensions(apiId: string): Promise<Dimensions | null> {
    const { Metrics = [] } = await this.#options.cloudWatch.listMetrics({
      Namespace: 'AWS/ApiGateway',
      MetricName: 'MessageCount',
      Dimensions: [{ Name: 'ApiId', Value: apiId }],
    });
    const sets = Metrics.map(({ Dimensions = [] }) =>
      Object.fromEntries(Dimensions.map(({ Name = '', Value = '' }) => [Name, Value])),
    );
    sets.sort((left, right) => Object.keys(left).length - Object.keys(right).length);
    return sets[0] ?? null;
  }
}

function inputOf(call: readonly MetricQuery[], window: MetricWindow): GetMetricDataInput {
  return {
    StartTime: new Date(window.startEpochMs),
    EndTime: new Date(window.endEpochMs),
    ScanBy: 'TimestampAscending',
    MetricDataQueries: call.map(({ id, source, row }) => ({
      Id: id,
      ReturnData: true,
      MetricStat: {
        Metric: {
          Namespace: source.namespace,
          MetricName: row.name,
          Dimensions: Object.entries(source.dimensions).map(([Name, Value]) => ({ Name, Value })),
        },
        Period: PERIOD_MS / 1000,
        Stat: row.stat,
      },
    })),
  };
}

type MetricDataResult = NonNullable<GetMetricDataOutput['MetricDataResults']>[number];

/** Pages of a series add up; the last one says whether it is whole. */
function note(answers: Map<string, Answer>, result: MetricDataResult): void {
  const { Id = '', Timestamps = [], Values = [], StatusCode } = result;
  const answer = answers.get(Id) ?? { values: new Map<number, number>(), isComplete: false };
  for (const [index, timestamp] of Timestamps.entries()) {
    const value = Values[index];
    if (value !== undefined) answer.values.set(timestamp.getTime(), value);
  }
  answer.isComplete = StatusCode === 'Complete';
  answers.set(Id, answer);
}

/** Over all streams; null where none has published. */
function incomingRecords(
  queries: readonly MetricQuery[],
  answers: ReadonlyMap<string, Answer>,
): number | null {
  const counts = queries
    .filter(({ row }) => row.name === 'IncomingRecords')
    .flatMap(({ id }) => [...(answers.get(id)?.values.values() ?? [])]);
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0);
}

function seriesOf(
  queries: readonly MetricQuery[],
  answers: ReadonlyMap<string, Answer>,
  { startEpochMs }: MetricWindow,
): MetricSeries[] {
  const published = new Set<MetricSource>();
  let newest = Number.NEGATIVE_INFINITY;
  for (const { id, source } of queries) {
    for (const timestamp of answers.get(id)?.values.keys() ?? []) {
      published.add(source);
      newest = Math.max(newest, timestamp);
    }
  }
  return queries
    .filter(({ source }) => published.has(source))
    .map((query) => {
      const values = answers.get(query.id)?.values ?? new Map<number, number>();
      const isFilled = query.row.stat === 'Sum' && (values.size > 0 || !MAY_BE_EMPTY.has(query.row.name));
      return oneSeries(query, isFilled ? zeroFilled(values, startEpochMs, newest) : values);
    })
    .filter(({ timestamps }) => timestamps.length > 0);
}

function oneSeries({ seriesId, label, row }: MetricQuery, values: ReadonlyMap<number, number>): MetricSeries {
  const points = [...values].sort(([left], [right]) => left - right);
  return {
    id: seriesId,
    label,
    unit: row.unit,
    stat: row.stat,
    timestamps: points.map(([timestamp]) => timestamp),
    values: points.map(([, value]) => value),
  };
}

function zeroFilled(
  values: ReadonlyMap<number, number>,
  fromEpochMs: number,
  newestEpochMs: number,
): Map<number, number> {
  const filled = new Map<number, number>();
  for (let at = fromEpochMs; at <= newestEpochMs; at += PERIOD_MS) filled.set(at, 0);
  for (const [timestamp, value] of values) filled.set(timestamp, value);
  return filled;
}

/** Resolution of what the services publish. */
export const PERIOD_MS = 60_000;

const MAX_QUERIES_PER_CALL = 500;
const MAX_VALUES_PER_CALL = 100_800;

/** One series to ask for. */
export interface MetricQuery extends PipelineMetric {
  /** Name within a call; CloudWatch wants a lower-case letter first. */
  readonly id: string;
}

/** UTC milliseconds; the end is not part of it. */
export interface MetricWindow {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
}

/** The whole minutes that cover a stretch of time. */
export function wholeMinutes(startEpochMs: number, endEpochMs: number): MetricWindow {
  const start = Math.floor(startEpochMs / PERIOD_MS) * PERIOD_MS;
  return {
    startEpochMs: start,
    endEpochMs: Math.max(start + PERIOD_MS, Math.ceil(endEpochMs / PERIOD_MS) * PERIOD_MS),
  };
}

/** Every series of the pipeline. `gateway` are the dimensions under which the API's are found; null asks for none of it. */
export function metricQueries(pipeline: StagePipeline, gateway: Dimensions | null): MetricQuery[] {
  return pipelineMetrics(pipeline, gateway).map((metric, index) => ({ id: `q${index}`, ...metric }));
}

/** The queries in as few calls as the limits allow. */
export function inCalls(
  queries: readonly MetricQuery[],
  { startEpochMs, endEpochMs }: MetricWindow,
): MetricQuery[][] {
  const values = Math.ceil((endEpochMs - startEpochMs) / PERIOD_MS);
  const size = Math.max(1, Math.min(MAX_QUERIES_PER_CALL, Math.floor(MAX_VALUES_PER_CALL / values)));
  const calls: MetricQuery[][] = [];
  for (let from = 0; from < queries.length; from += size) calls.push(queries.slice(from, from + size));
  return calls;
}
