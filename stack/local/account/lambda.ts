/**
 * The Lambda service of an account: its functions, its event source mappings, and which function a mapping invokes.
 * Batches that are given up are written to the log, as nothing reads their destinations here.
 */
import type { Clock, Random } from '../../../bench/ports.ts';
import { partitionOf } from '../../template/identity.ts';
import type { ResolvedResource } from '../../template/value.ts';
import type { FaultInjector } from '../fault/fault-injector.ts';
import { FaultyFunction } from '../fault/faulty-function.ts';
import type { HostedFunction, NewFunction } from '../function/function.ts';
import { EventSourceMapping } from '../mapping/mapping.ts';
import type { FunctionHost, MetricRegistry } from '../ports.ts';
import type { Profile } from '../profile.ts';
import type { Kinesis } from '../stream/kinesis.ts';

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

export interface LambdaOptions {
  readonly region: string;
  readonly accountId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly profile: Profile;
  readonly metrics: MetricRegistry;
  readonly log: (line: string) => void;
  readonly kinesis: Kinesis;
  /** Processes of this machine on a stage, simulated ones on a virtual clock. */
  readonly newFunction: NewFunction;
  readonly faults: FaultInjector | undefined;
  /** Where the account's APIs are served. */
  readonly port: () => number;
}

/** Failure documents written to the log; the metrics count all. */
const LOGGED_FAILURES = 5;

export class Lambda {
  /** By name. */
  readonly functions = new Map<string, DeployedFunction>();
  /** By UUID. */
  readonly mappings = new Map<string, DeployedMapping>();
  readonly #options: LambdaOptions;
  #failures = 0;

  constructor(options: LambdaOptions) {
    this.#options = options;
  }

  addFunction(resource: ResolvedResource): void {
    const { region, accountId, newFunction, port } = this.#options;
    const apiHost = `execute-api.${region}.${partitionOf(region).urlSuffix}`;
    const apiAddresses = [{ host: apiHost, port: port() }];
    const host = newFunction({
      ...this.#shared(resource.physicalId),
      ...{ resource, region, accountId, apiAddresses },
    });
    this.#deployed(host, resource);
  }

  updateFunction(resource: ResolvedResource): void {
    const host = this.functions.get(resource.physicalId)?.host;
    host?.update(resource);
    if (host) this.#deployed(host, resource);
  }

  async removeFunction(name: string): Promise<void> {
    await this.functions.get(name)?.host.close();
    this.functions.delete(name);
  }

  async addMapping(resource: ResolvedResource): Promise<void> {
    const mapping = new EventSourceMapping({
      ...this.#shared(resource.physicalId),
      resource,
      kinesis: this.#options.kinesis,
      functionFor: (nameOrArn) => this.#invokable(nameOrArn),
      deliverFailure: (destination, document) => this.#deliverFailure(destination, document),
    });
    await mapping.start();
    this.mappings.set(resource.physicalId, { mapping, resource });
  }

  /** For CloudFormation, and for Lambda's own API, whose changes CloudFormation does not notice. */
  async updateMapping(resource: ResolvedResource): Promise<void> {
    const known = this.mappings.get(resource.physicalId);
    if (known === undefined) return;
    await known.mapping.update(resource);
    this.mappings.set(resource.physicalId, { ...known, resource });
  }

  async removeMapping(uuid: string): Promise<void> {
    await this.mappings.get(uuid)?.mapping.close();
    this.mappings.delete(uuid);
  }

  /** A function by name, ARN, or either with a qualifier that means the only version there is. */
  functionNamed(nameOrArn: string): DeployedFunction | undefined {
    const name = nameOrArn
      .replace(/:\$LATEST$/, '')
      .replace(/^(?:arn:[^:]+:lambda:[^:]+:)?(?:\d{12}:)?(?:function:)?/, '');
    return this.functions.get(name);
  }

  /** Ends mappings first, so that nothing is invoked that is about to end. */
  async close(): Promise<void> {
    await Promise.all([...this.mappings.values()].map(({ mapping }) => mapping.close()));
    await Promise.all([...this.functions.values()].map(({ host }) => host.close()));
  }

  /** Every part has chance of its own, so that adding one does not change the others. */
  #shared(label: string) {
    const { clock, random, profile, metrics, log } = this.#options;
    return { clock, random: random.fork(label), profile, metrics, log };
  }

  #deployed(host: HostedFunction, resource: ResolvedResource): void {
    const { clock } = this.#options;
    const changedAt = new Date(clock.epochAt(clock.now()));
    this.functions.set(resource.physicalId, { host, resource, changedAt });
  }

  /** A function as mappings invoke it. */
  #invokable(nameOrArn: string): FunctionHost | undefined {
    const { faults, metrics } = this.#options;
    const deployed = this.functionNamed(nameOrArn);
    if (faults === undefined || deployed === undefined) return deployed?.host;
    const { host, resource } = deployed;
    return new FaultyFunction({ host, resource, faults, metrics });
  }

  #deliverFailure(destination: string, document: unknown): void {
    this.#failures += 1;
    const { log } = this.#options;
    if (this.#failures <= LOGGED_FAILURES) log(`to ${destination}: ${JSON.stringify(document)}`);
    if (this.#failures === LOGGED_FAILURES) log('further discarded batches are counted, not logged');
  }
}
