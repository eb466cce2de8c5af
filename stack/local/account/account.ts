/**
 * An AWS account in one Region, as far as the pipeline uses it: streams, functions, mappings and APIs of all stacks, and
 * what they share: metrics, names, the account's throttles. It is what CloudFormation provisions into. A service that
 * refuses a resource rejects with its own error.
 */
import { isDeepStrictEqual } from 'node:util';
import { requestQuotaIn } from '../../default-quotas.ts';
import type { Making, Services } from '../../template/resource-type.ts';
import { changedProperties, namedProperty, typeNamed } from '../../template/types.ts';
import type { ResolvedResource } from '../../template/value.ts';
import type { Provisioner } from '../cloudformation/provisioner.ts';
import { MetricStore } from '../cloudwatch/metrics.ts';
import { AwsError } from '../errors.ts';
import type { FaultInjector } from '../fault/fault-injector.ts';
import { FaultyGateway } from '../fault/faulty-gateway.ts';
import { FaultyWriter, shardOfPut } from '../fault/faulty-writer.ts';
import { Apis } from '../gateway/apis.ts';
import { Gateway } from '../gateway/gateway.ts';
import type { GatewayConfig } from '../gateway/gateway-config.ts';
import { type AccountThrottles, accountThrottles } from '../gateway/stage-state.ts';
import { withDimensionSets } from '../meters.ts';
import type { MetricRegistry, PutRecordInput } from '../ports.ts';
import type { Profile } from '../profile.ts';
import { Kinesis } from '../stream/kinesis.ts';
import { Lambda, type LambdaOptions } from './lambda.ts';

export interface AccountOptions extends Omit<LambdaOptions, 'metrics' | 'kinesis' | 'faults' | 'port'> {
  /** Left out, nothing of the account is wrapped. */
  readonly faults?: FaultInjector | undefined;
  /** Where its APIs are served, together with other accounts'; a list of its own unless told otherwise. */
  readonly apis?: Apis;
}

/** Length of a metric period: CloudWatch's are minutes, which are put together from these. */
const METRIC_PERIOD_MS = 1_000;

/** A profile's quotas as a Region has them: in some an account has fewer requests than elsewhere. */
export function quotasIn(region: string, quotas: Profile['quotas']): Profile['quotas'] {
  const regional = requestQuotaIn(region);
  const { account } = quotas;
  return account === null || account.perSecond <= regional.perSecond
    ? quotas
    : { ...quotas, account: regional };
}

export class LocalAccount implements Provisioner, Services {
  readonly region: string;
  readonly accountId: string;
  readonly metrics: MetricStore;
  readonly kinesis: Kinesis;
  readonly apis: Apis;
  readonly lambda: Lambda;
  readonly #options: AccountOptions;
  /** Counts for every set of dimensions that AWS publishes. */
  readonly #meters: MetricRegistry;
  readonly #throttles: AccountThrottles;
  /** Names taken: type and name, of types whose service does not keep them itself. */
  readonly #names = new Set<string>();
  #port = 0;

  constructor(options: AccountOptions) {
    const { region, accountId, clock, profile } = options;
    this.#options = options;
    this.apis = options.apis ?? new Apis();
    this.region = region;
    this.accountId = accountId;
    this.metrics = new MetricStore({ clock, periodMs: METRIC_PERIOD_MS });
    this.#meters = withDimensionSets(this.metrics);
    const retire = (dimensions: Readonly<Record<string, string>>) => this.metrics.retire(dimensions);
    this.kinesis = new Kinesis({ ...this.#shared('kinesis'), region, accountId, retire });
    this.#throttles = accountThrottles(quotasIn(region, profile.quotas), clock);
    this.lambda = new Lambda({
      ...options,
      metrics: this.#meters,
      kinesis: this.kinesis,
      faults: options.faults,
      port: () => this.#port,
    });
  }

  /** Where the APIs are served: functions started from now on are led there. */
  servedOn(port: number): void {
    this.#port = port;
  }

  exists({ type, physicalId }: ResolvedResource): boolean {
    return this.#making(type)?.exists?.(this, physicalId) ?? this.#names.has(`${type} ${physicalId}`);
  }

  async create(resource: ResolvedResource): Promise<void> {
    const { type, physicalId } = resource;
    const making = this.#making(type);
    const isNamed = making?.exists === undefined && namedProperty(typeNamed(type)) !== null;
    if (isNamed && this.exists(resource))
      throw new AwsError('ResourceConflictException', `${physicalId} already exists`, 409);
    await making?.create(this, resource);
    if (isNamed) this.#names.add(`${type} ${physicalId}`);
  }

  async update(before: ResolvedResource, after: ResolvedResource): Promise<void> {
    // Tags are changed by calls of their own: what runs is not disturbed.
    if (isDeepStrictEqual(changedProperties(before.properties, after.properties), ['Tags'])) return;
    await this.#making(after.type)?.update?.(this, after);
  }

  async remove({ type, physicalId }: ResolvedResource): Promise<void> {
    await this.#making(type)?.remove(this, physicalId);
    this.#names.delete(`${type} ${physicalId}`);
    const dimension = typeNamed(type)?.metrics?.dimension;
    if (dimension) this.metrics.retire({ [dimension]: physicalId });
  }

  deploy(apis: readonly GatewayConfig[]): void {
    for (const config of apis) {
      const known = this.apis.get(config.apiId);
      if (known !== undefined) known.reconfigure(config);
      else this.apis.add(this.#newGateway(config));
    }
  }

  /** Ends everything. */
  async close(): Promise<void> {
    this.#options.faults?.close();
    await this.lambda.close();
    this.apis.close();
    this.kinesis.close();
  }

  #making(type: string): Making | null | undefined {
    return typeNamed(type)?.making;
  }

  #newGateway(config: GatewayConfig): Gateway {
    const { kinesis } = this;
    const { faults } = this.#options;
    const shared = this.#shared(`api ${config.apiId}`);
    const options = { ...shared, config, kinesis, throttles: this.#throttles };
    if (faults === undefined) return new Gateway(options);
    const { metrics } = shared;
    const shardOf = (input: PutRecordInput) => shardOfPut(kinesis, input);
    return new FaultyGateway(
      { ...options, kinesis: new FaultyWriter({ kinesis, faults, shardOf, metrics }) },
      faults,
    );
  }

  /** Every part has chance of its own, so that adding one does not change the others. */
  #shared(label: string) {
    const { clock, random, profile, log } = this.#options;
    return { clock, random: random.fork(label), profile, metrics: this.#meters, log };
  }
}
