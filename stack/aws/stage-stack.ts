/**
 * A deployed stack as the {@link Stage} a run drives, found by its name. What it consists of, and under which parameters,
 * comes from CloudFormation; its metrics come from CloudWatch, when they are there. Behind an endpoint on this machine the
 * same calls end at a local stage, and the facts say so: its figures are not AWS's.
 */
import { CloudWatchClient, GetMetricDataCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import type { StageFacts, StageMetrics, StagePipeline } from '../../bench/model/result.ts';
import { stackArnOf } from '../../bench/model/stage-name.ts';
import type { Clock, MetricsReading, Stage } from '../../bench/ports.ts';
import { LOCAL_TAGS, type MappingEnds, needsMappingEnds, pipelineOf, type StackParts } from '../pipeline.ts';
import { EVENT_SOURCE_MAPPING } from '../template/resources/event-source-mapping.ts';
import { type Account, identityOf, openAccount, openAccountFor } from './account.ts';
import { type Patience, settled } from './metric-settling.ts';
import {
  findStack,
  refusalOf,
  resourcesOf,
  type StackDescription,
  templateTextOf,
  urlOf,
} from './stack-description.ts';
import { type CloudWatchQuestions, StackMetrics, wholeMinutes } from './stack-metrics.ts';
import { mappingNamed, stackReadiness } from './stack-readiness.ts';
import { orNull, StageError, UnknownStackError } from './stage-error.ts';

type DeployedStack = StackDescription & StackParts;

/** A mapping that starts at the end of its stream may need minutes on AWS before it hands on the first record. */
const ECHO_WITHIN_MS = 5 * 60_000;

/** Two minutes are what exporters found necessary; three leave room. AWS documents no bound. */
const AWS_WAIT_MS = 180_000;
const AWS_POLL_MS = 30_000;
const AWS_LIMIT_MS = 600_000;
/** However long the first reading is put off, this much is left for the values to come to rest. */
const REST_MS = 420_000;

/** A local stage publishes at once; what has not come in ten seconds does not come. */
const LOCAL_POLL_MS = 1_000;
const LOCAL_REST_MS = 10_000;

/** Beyond the patience with metrics: the rest of the run's last minute, and calls that AWS throttles. */
const CALLS_MS = 180_000;
const LOCAL_CALLS_MS = 20_000;

export interface StackStageOptions {
  /** Name or ARN of the stack. */
  readonly name: string;
  /** Null leaves it to the environment. */
  readonly region: string | null;
  readonly clock: Clock;
  /** From the end of the run's last minute to the first reading of metrics; null is what experience says. */
  readonly metricsWaitMs: number | null;
}

export interface StackStage extends Stage {
  /** Text of the deployed template; null where it can't be read. */
  readonly templateText: string | null;
  /** How a local stage dispatches messages; null on AWS. */
  readonly dispatch: string | null;
}

/** Opens the stage of a deployed stack. Rejects with a StageError when it can't be driven or asked. */
export async function openStackStage(options: StackStageOptions): Promise<StackStage> {
  const { name, region } = options;
  // By an ARN it is known whose the stack is; by a name the caller's own are meant.
  const account =
    stackArnOf(name) === null ? await openAccount(region) : (await openAccountFor(name, region)).account;
  const stack = await drivableStack(account, name);
  const pipeline = pipelineOf(stack, needsMappingEnds(stack) ? await mappingEnds(stack, account) : null);
  return {
    facts: factsOf(stack, pipeline, account),
    dispatch: account.isLocal ? (stack.tags[LOCAL_TAGS.dispatch] ?? null) : null,
    templateText: await templateTextOf(account, stack.id),
    hasMetrics: true,
    echoWithinMs: ECHO_WITHIN_MS,
    readiness: stackReadiness({
      ...{ account, pipeline, clock: options.clock },
      localSettlingMs: account.isLocal ? Number(stack.tags[LOCAL_TAGS.settling] ?? 0) : null,
    }),
    answersWithinMs: answersWithinMs(account, options.metricsWaitMs),
    changed: () => changeOf(account, stack),
    metrics: (startEpochMs, endEpochMs, reading) =>
      stackMetrics({ ...options, pipeline, account, startEpochMs, endEpochMs, reading: reading ?? null }),
    close: () => Promise.resolve(),
  };
}

/** Compared by what CloudFormation says: state, time of the last change, parameters. */
async function changeOf(account: Account, before: DeployedStack): Promise<string | null> {
  const now = await findStack(account, before.id);
  if (now === null) return `the stack '${before.name}' is gone`;
  const names = Object.keys({ ...before.parameters, ...now.parameters });
  const changed = names.filter((name) => before.parameters[name] !== now.parameters[name]);
  const parts = changed.map(
    (name) => `${name} from ${before.parameters[name] ?? '(none)'} to ${now.parameters[name] ?? '(none)'}`,
  );
  if (parts.length > 0) return `the stack was changed while it was driven: ${parts.join(', ')}`;
  if (now.status !== before.status || now.updatedAt !== before.updatedAt)
    return `the stack was changed while it was driven: it is ${now.status}, last changed at ${now.updatedAt ?? 'no known time'}`;
  return null;
}

async function drivableStack(account: Account, name: string): Promise<DeployedStack> {
  const stack = await findStack(account, name);
  if (stack === null) return unknownStack(name, account);
  const refusal = refusalOf(stack);
  if (refusal !== null) throw new StageError(refusal);
  const resources = await resourcesOf(account, stack.id);
  return { ...stack, resources: resources.filter(({ status }) => status !== 'DELETE_COMPLETE') };
}

export interface StackMetricsRequest {
  readonly pipeline: StagePipeline;
  readonly account: Account;
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  /** Null reads once and waits for nothing. */
  readonly reading: MetricsReading | null;
  readonly clock: Clock;
  readonly metricsWaitMs: number | null;
}

/** The metrics of a pipeline in the whole minutes that cover a stretch of time, when they have settled. */
export function stackMetrics(request: StackMetricsRequest): Promise<StageMetrics> {
  const { pipeline, account, startEpochMs, endEpochMs, reading, clock, metricsWaitMs } = request;
  const { isLocal } = account;
  const window = wholeMinutes(startEpochMs, endEpochMs);
  const metrics = new StackMetrics({
    cloudWatch: questions(account),
    pipeline,
    source: isLocal ? 'local' : 'cloudwatch',
  });
  const read = () => metrics.read(window);
  if (reading === null) return read();
  return settled({
    clock,
    patience: patienceWith(account, metricsWaitMs),
    endEpochMs: isLocal ? endEpochMs : window.endEpochMs,
    reading,
    read,
  });
}

function patienceWith({ isLocal }: Account, metricsWaitMs: number | null): Patience {
  return isLocal ? localPatience(metricsWaitMs) : awsPatience(metricsWaitMs);
}

function answersWithinMs(account: Account, metricsWaitMs: number | null): number {
  return patienceWith(account, metricsWaitMs).limitMs + (account.isLocal ? LOCAL_CALLS_MS : CALLS_MS);
}

function awsPatience(metricsWaitMs: number | null): Patience {
  const waitMs = metricsWaitMs ?? AWS_WAIT_MS;
  return { waitMs, pollMs: AWS_POLL_MS, limitMs: Math.max(AWS_LIMIT_MS, waitMs + REST_MS) };
}

function localPatience(metricsWaitMs: number | null): Patience {
  const waitMs = metricsWaitMs ?? 0;
  return { waitMs, pollMs: LOCAL_POLL_MS, limitMs: waitMs + LOCAL_REST_MS };
}

function questions(account: Account): CloudWatchQuestions {
  const cloudWatch = account.client(CloudWatchClient, account.region);
  return {
    getMetricData: (input) => cloudWatch.send(new GetMetricDataCommand(input)),
    listMetrics: (input) => cloudWatch.send(new ListMetricsCommand(input)),
  };
}

function factsOf(
  stack: DeployedStack,
  pipeline: StagePipeline,
  { region, endpoint, isLocal }: Account,
): StageFacts {
  const url = urlOf(stack, pipeline, { region, localEndpoint: isLocal ? endpoint : null });
  if (url === null) {
    throw new StageError(
      `stack '${stack.name}' has no WebSocket address to drive: it needs an output that starts with wss://, or a single API with a stage`,
    );
  }
  const note = `CloudFormation, CloudWatch and the stage are those of a local stage at ${endpoint}, not AWS.`;
  return {
    kind: isLocal ? 'local' : 'aws',
    url,
    name: stack.name,
    region,
    stackId: stack.id,
    parameters: stack.parameters,
    profile: isLocal ? (stack.tags[LOCAL_TAGS.profile] ?? null) : null,
    notes: isLocal ? [note] : [],
    pipeline,
  };
}

/** Says where the name was looked for: most unknown stacks are in another region or account. */
async function unknownStack(name: string, account: Account): Promise<never> {
  const number = await identityOf(account).then(
    (identity) => identity.account,
    () => 'of unknown number',
  );
  const where = account.isLocal ? ` of the local stage at ${account.endpoint}` : '';
  throw new UnknownStackError(
    `there is no stack '${name}' in region ${account.region}, account ${number}${where}; name another --stage, another --region, or deploy it`,
  );
}

/** What the first mapping joins; null where Lambda does not say, as without the permission. */
async function mappingEnds({ resources }: DeployedStack, account: Account): Promise<MappingEnds | null> {
  const mapping = resources.find(({ type }) => type === EVENT_SOURCE_MAPPING.type);
  const answer = mapping && (await orNull(mappingNamed(account, mapping.physicalId)));
  return answer ? { functionArn: answer.FunctionArn ?? '', sourceArn: answer.EventSourceArn ?? '' } : null;
}
