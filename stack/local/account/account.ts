/**
 * An AWS account in one Region, as far as the pipeline uses it: streams, functions, mappings and APIs of all stacks, and
 * what they share: metrics, names, the account's throttles. It is what CloudFormation provisions into. A service that
 * refuses a resource rejects with its own error.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Clock, Random } from '../../../bench/ports.ts';
import { requestQuotaIn } from '../../default-quotas.ts';
import { partitionOf } from '../../template/identity.ts';
import type { ResolvedResource } from '../../template/resolved.ts';
import type { Service } from '../../template/resource-type.ts';
import { changedProperties, namedProperty, typeNamed } from '../../template/types.ts';
import type { Provisioner } from '../cloudformation/provisioner.ts';
import { AwsError } from '../errors.ts';
import type { FaultInjector } from '../fault/fault-injector.ts';
import { FaultyFunction } from '../fault/faulty-function.ts';
import { FaultyGateway } from '../fault/faulty-gateway.ts';
import { FaultyWriter, shardOfPut } from '../fault/faulty-writer.ts';
import type { HostedFunction, NewFunction } from '../function/function.ts';
import { Apis } from '../gateway/apis.ts';
import { Gateway } from '../gateway/gateway.ts';
import type { GatewayConfig } from '../gateway/gateway-config.ts';
import { type AccountThrottles, accountThrottles } from '../gateway/stage-state.ts';
import { EventSourceMapping } from '../mapping/mapping.ts';
import { withDimensionSets } from '../meters.ts';
import { MetricStore } from '../metrics.ts';
import type { FunctionHost, MetricRegistry, PutRecordInput } from '../ports.ts';
import type { Profile } from '../profile.ts';
import { Kinesis } from '../stream/kinesis.ts';

export interface AccountOptions {
  readonly region: string;
  readonly accountId: string;
  readonly profile: Profile;
  readonly clock: Clock;
  readonly random: Random;
  /** Processes of this machine on a stage, simulated ones on a virtual clock. */
  readonly newFunction: NewFunction;
  readonly log: (line: string) => void;
  /** Left out, nothing of the account is wrapped. */
  readonly faults?: FaultInjector | undefined;
  /** Where its APIs are served, together with other accounts'; a list of its own unless told otherwise. */
  readonly apis?: Apis;
}

/** A function or mapping, with the resource that it was made of, as changed since. */
export interface DeployedFunction {
  readonly host: HostedFunction;
  readonly resource: ResolvedResource;
  readonly changedAt: Date;
}

export interface DeployedMapping {
  readonly mapping: EventSourceMapping;
  readonly resource: ResolvedResource;
}

/** Length of a metric period: CloudWatch's are minutes, which are put together from these. */
const METRIC_PERIOD_MS = 1_000;

/** Failure documents written to the log; the metrics count all. */
const LOGGED_FAILURES = 5;

/** A profile's quotas as a Region has them: in some an account has fewer requests than elsewhere. */
export function quotasIn(region: string, quotas: Profile['quotas']): Profile['quotas'] {
  const regional = requestQuotaIn(region);
  const { account } = quotas;
  return account === null || account.perSecond <= regional.perSecond
    ? quotas
    : { ...quotas, account: regional };
}

interface Maker {
  /** Given where the service itself knows which names are taken, and refuses a second resource of one. */
  exists?(name: string): boolean;
  create(resource: ResolvedResource): void | Promise<void>;
  update(before: ResolvedResource, after: ResolvedResource): void | Promise<void>;
  remove(resource: ResolvedResource): void | Promise<void>;
}

export class LocalAccount implements Provisioner {
  readonly region: string;
  readonly accountId: string;
  readonly metrics: MetricStore;
  readonly kinesis: Kinesis;
  readonly apis: Apis;
  /** By name. */
  readonly functions = new Map<string, DeployedFunction>();
  /** By UUID. */
  readonly mappings = new Map<string, DeployedMapping>();
  readonly #options: AccountOptions;
  /** Counts for every set of dimensions that AWS publishes. */
  readonly #meters: MetricRegistry;
  readonly #throttles: AccountThrottles;
  /** Names taken: type and name, of types whose service does not keep them itself. */
  readonly #names = new Set<string>();
  readonly #makers: Readonly<Record<Service, Maker>>;
  #port = 0;
  #failures = 0;

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
    this.#makers = {
      streams: this.#streamMaker(),
      consumers: this.#consumerMaker(),
      functions: this.#functionMaker(),
      mappings: this.#mappingMaker(),
      apis: this.#apiMaker(),
    };
  }

  /** Where the APIs are served: functions started from now on are led there. */
  servedOn(port: number): void {
    this.#port = port;
  }

  exists({ type, physicalId }: ResolvedResource): boolean {
    return this.#maker(type)?.exists?.(physicalId) ?? this.#names.has(`${type} ${physicalId}`);
  }

  async create(resource: ResolvedResource): Promise<void> {
    const { type, physicalId } = resource;
    const maker = this.#maker(type);
    const isNamed = maker?.exists === undefined && namedProperty(typeNamed(type)) !== null;
    if (isNamed && this.exists(resource))
      throw new AwsError('ResourceConflictException', `${physicalId} already exists`, 409);
    await maker?.create(resource);
    if (isNamed) this.#names.add(`${type} ${physicalId}`);
  }

  async update(before: ResolvedResource, after: ResolvedResource): Promise<void> {
    // Tags are changed by calls of their own: what runs is not disturbed.
    if (isDeepStrictEqual(changedProperties(before.properties, after.properties), ['Tags'])) return;
    await this.#maker(after.type)?.update(before, after);
  }

  async remove(resource: ResolvedResource): Promise<void> {
    const { type, physicalId } = resource;
    await this.#maker(type)?.remove(resource);
    this.#names.delete(`${type} ${physicalId}`);
    const dimension = typeNamed(type)?.dimension;
    if (dimension) this.metrics.retire({ [dimension]: physicalId });
  }

  deploy(apis: readonly GatewayConfig[]): void {
    for (const config of apis) {
      const known = this.apis.get(config.apiId);
      if (known !== undefined) known.reconfigure(config);
      else this.apis.add(this.#newGateway(config));
    }
  }

  /** A function by name, ARN, or either with a qualifier that means the only version there is. */
  functionNamed(nameOrArn: string): DeployedFunction | undefined {
    const name = nameOrArn
      .replace(/:\$LATEST$/, '')
      .replace(/^(?:arn:[^:]+:lambda:[^:]+:)?(?:\d{12}:)?(?:function:)?/, '');
    return this.functions.get(name);
  }

  /** Changes a mapping as Lambda's own API does, outside CloudFormation. */
  async updateMapping(uuid: string, resource: ResolvedResource): Promise<void> {
    const known = this.mappings.get(uuid);
    if (known === undefined) return;
    await known.mapping.update(resource);
    this.mappings.set(uuid, { ...known, resource });
  }

  /** Ends everything: mappings first, so that nothing is invoked that is about to end. */
  async close(): Promise<void> {
    this.#options.faults?.close();
    await Promise.all([...this.mappings.values()].map(({ mapping }) => mapping.close()));
    await Promise.all([...this.functions.values()].map(({ host }) => host.close()));
    this.apis.close();
    this.kinesis.close();
  }

  /** What makes resources of the type; undefined where they only exist. */
  #maker(type: string): Maker | undefined {
    const service = typeNamed(type)?.madeBy;
    return service ? this.#makers[service] : undefined;
  }

  #streamMaker(): Maker {
    return {
      exists: (name) => this.kinesis.stream(name) !== undefined,
      create: (resource) => this.kinesis.addStream(resource),
      update: (_, after) => this.kinesis.updateStream(after),
      remove: ({ physicalId }) => this.kinesis.removeStream(physicalId),
    };
  }

  #consumerMaker(): Maker {
    return {
      create: (resource) => this.kinesis.addConsumer(resource),
      update: () => {},
      remove: ({ physicalId }) => this.kinesis.removeConsumer(physicalId),
    };
  }

  #functionMaker(): Maker {
    const changedAt = () => new Date(this.#options.clock.epochAt(this.#options.clock.now()));
    return {
      create: (resource) => {
        const host = this.#newFunction(resource);
        this.functions.set(resource.physicalId, { host, resource, changedAt: changedAt() });
      },
      update: (_, after) => {
        const known = this.functions.get(after.physicalId);
        known?.host.update(after);
        if (known)
          this.functions.set(after.physicalId, { ...known, resource: after, changedAt: changedAt() });
      },
      remove: async ({ physicalId }) => {
        await this.functions.get(physicalId)?.host.close();
        this.functions.delete(physicalId);
      },
    };
  }

  #mappingMaker(): Maker {
    return {
      create: async (resource) => {
        const mapping = this.#newMapping(resource);
        await mapping.start();
        this.mappings.set(resource.physicalId, { mapping, resource });
      },
      update: (_, after) => this.updateMapping(after.physicalId, after),
      remove: async ({ physicalId }) => {
        await this.mappings.get(physicalId)?.mapping.close();
        this.mappings.delete(physicalId);
      },
    };
  }

  /** An API is put into service by {@link deploy}, when all of its routes and stages are there. */
  #apiMaker(): Maker {
    return {
      create: () => {},
      update: () => {},
      remove: ({ physicalId }) => this.apis.remove(physicalId),
    };
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

  #newFunction(resource: ResolvedResource): HostedFunction {
    const { region, accountId } = this;
    const host = `execute-api.${region}.${partitionOf(region).urlSuffix}`;
    return this.#options.newFunction({
      ...this.#shared(resource.physicalId),
      resource,
      region,
      accountId,
      apiAddresses: [{ host, port: this.#port }],
    });
  }

  #newMapping(resource: ResolvedResource): EventSourceMapping {
    return new EventSourceMapping({
      ...this.#shared(resource.physicalId),
      resource,
      kinesis: this.kinesis,
      functionFor: (nameOrArn) => this.#invokable(nameOrArn),
      deliverFailure: (destination, document) => this.#deliverFailure(destination, document),
    });
  }

  /** A function as mappings invoke it. */
  #invokable(nameOrArn: string): FunctionHost | undefined {
    const { faults } = this.#options;
    const deployed = this.functionNamed(nameOrArn);
    if (faults === undefined || deployed === undefined) return deployed?.host;
    const { host, resource } = deployed;
    return new FaultyFunction({ host, resource, faults, metrics: this.#meters });
  }

  /** Every part has chance of its own, so that adding one does not change the others. */
  #shared(label: string) {
    const { clock, random, profile, log } = this.#options;
    return { clock, random: random.fork(label), profile, metrics: this.#meters, log };
  }

  /** Stands for the queue or topic: nothing reads it here, so what it would hold is written to the log. */
  #deliverFailure(destination: string, document: unknown): void {
    this.#failures += 1;
    if (this.#failures <= LOGGED_FAILURES)
      this.#options.log(`to ${destination}: ${JSON.stringify(document)}`);
    if (this.#failures === LOGGED_FAILURES)
      this.#options.log('further discarded batches are counted, not logged');
  }
}
