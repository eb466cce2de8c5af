/**
 * A stack: what CloudFormation knows of it, and the log of what happened to it. It changes nothing by itself; operations
 * do, and note each step here.
 */
import type {
  ChangeSetStatus,
  ChangeSetType,
  ExecutionStatus,
  OperationEvent,
  ResourceStatus,
  StackEvent,
  StackStatus,
  Tag,
} from '@aws-sdk/client-cloudformation';
import type { ResolvedResource, ResolvedStack } from '../../template/value.ts';
import { AwsError } from '../errors.ts';
import type { GatewayConfig } from '../gateway/gateway-config.ts';

/** A template and its parameters, resolved: what a stack is, or is to become. */
export interface StackVersion {
  readonly templateText: string;
  /** As given; those not given take the template's defaults. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly resolved: ResolvedStack;
  readonly apis: readonly GatewayConfig[];
}

/** What is said of a stack beside its template. */
export interface StackSettings {
  readonly tags: readonly Tag[];
  readonly capabilities: readonly string[];
  readonly disableRollback: boolean;
}

/** What becomes of one resource. */
export type Change =
  | { readonly action: 'Add'; readonly after: ResolvedResource }
  | { readonly action: 'Remove'; readonly before: ResolvedResource }
  | {
      readonly action: 'Modify';
      readonly before: ResolvedResource;
      readonly after: ResolvedResource;
      /** Properties that differ, by name; empty when only a policy of the resource does. */
      readonly properties: readonly string[];
      /** Whether another resource takes its place. */
      readonly replaced: boolean;
    };

/** A version that a stack could take, and what it would change, kept until it is executed or deleted. */
export interface ChangeSet {
  readonly name: string;
  readonly id: string;
  readonly type: ChangeSetType;
  readonly createdAt: Date;
  readonly description: string | undefined;
  /** Null when the template could not be resolved, or nothing would change. */
  readonly version: StackVersion | null;
  readonly settings: StackSettings;
  readonly changes: readonly Change[];
  readonly status: ChangeSetStatus;
  readonly statusReason: string | undefined;
  executionStatus: ExecutionStatus;
  /** UTC milliseconds at which it is worked out: before, it says nothing of what it found. */
  readonly readyAtMs: number;
  /** What early validation found. */
  readonly events: readonly OperationEvent[];
}

/** A resource as the stack knows it, deleted ones included. */
export interface StackResource {
  readonly resource: ResolvedResource;
  readonly status: ResourceStatus;
  readonly reason: string | undefined;
  readonly at: Date;
}

/** Events kept of a stack: those of some hundred updates. The oldest go first. */
export const EVENTS_KEPT = 2_000;

const STACK_TYPE = 'AWS::CloudFormation::Stack';

export class Stack {
  readonly name: string;
  readonly id: string;
  readonly createdAt: Date;
  readonly changeSets = new Map<string, ChangeSet>();
  /** Oldest first. */
  readonly events: StackEvent[] = [];
  /** By logical id. */
  readonly resources = new Map<string, StackResource>();
  settings: StackSettings;
  updatedAt: Date | undefined;
  deletedAt: Date | undefined;
  status: StackStatus = 'REVIEW_IN_PROGRESS';
  statusReason: string | undefined;
  /** What is deployed; null before the first deployment and when nothing is left of it. */
  version: StackVersion | null = null;
  /** What is deployed or being deployed: its exports are taken, and what it imports is in use. */
  claimed: ResolvedStack | null = null;
  /** What was last asked for, or is deployed: shown when nothing is left of it. */
  templateText: string | null = null;
  readonly #now: () => Date;
  readonly #newId: () => string;

  constructor(options: {
    readonly name: string;
    readonly id: string;
    readonly settings: StackSettings;
    readonly now: () => Date;
    readonly newId: () => string;
  }) {
    this.name = options.name;
    this.id = options.id;
    this.settings = options.settings;
    this.#now = options.now;
    this.#newId = options.newId;
    this.createdAt = this.#now();
  }

  get isDeleted(): boolean {
    return this.status === 'DELETE_COMPLETE';
  }

  /** Whether an operation is under way. */
  get isBusy(): boolean {
    return this.status.endsWith('_IN_PROGRESS') && this.status !== 'REVIEW_IN_PROGRESS';
  }

  /** The stack enters a state. */
  enter(status: StackStatus, reason?: string): void {
    this.status = status;
    this.statusReason = reason;
    // Statuses of stacks and of resources have the same names in the log.
    this.#log(STACK_TYPE, this.name, this.id, status as ResourceStatus, reason);
  }

  /** A resource enters a state. */
  note(resource: ResolvedResource, status: ResourceStatus, reason?: string): void {
    const { type, logicalId, physicalId } = resource;
    this.resources.set(logicalId, { resource, status, reason, at: this.#now() });
    this.#log(type, logicalId, physicalId, status, reason, JSON.stringify(resource.properties));
  }

  /** A step that concerns an earlier resource of the same logical id, which another has replaced. */
  noteReplaced(resource: ResolvedResource, status: ResourceStatus): void {
    const { type, logicalId, physicalId } = resource;
    this.#log(type, logicalId, physicalId, status, undefined);
  }

  #log(
    type: string,
    logicalId: string,
    physicalId: string,
    status: ResourceStatus,
    reason: string | undefined,
    properties?: string,
  ): void {
    this.events.push({
      StackId: this.id,
      StackName: this.name,
      EventId: type === STACK_TYPE ? this.#newId() : `${logicalId}-${status}-${this.#newId()}`,
      ResourceType: type,
      LogicalResourceId: logicalId,
      PhysicalResourceId: physicalId,
      Timestamp: this.#now(),
      ResourceStatus: status,
      ...(reason === undefined ? {} : { ResourceStatusReason: reason }),
      ...(properties === undefined ? {} : { ResourceProperties: properties }),
    });
    if (this.events.length > EVENTS_KEPT) this.events.shift();
  }
}

export interface Export {
  readonly stack: Stack;
  readonly name: string;
  readonly value: string;
}

/** What the stacks export, those included that are just being made. */
export function exportsOf(stacks: readonly Stack[]): Export[] {
  return stacks.flatMap((stack) => {
    const named = Object.entries(namedValues(stack.claimed));
    return named.map(([name, value]) => ({ stack, name, value }));
  });
}

/** Names of the stacks that use an export. */
export function importersOf(name: string, stacks: readonly Stack[]): string[] {
  return stacks.filter(({ claimed }) => claimed?.imports?.includes(name)).map((stack) => stack.name);
}

/**
 * Throws when the stack may not become what `after` says, or may not be deleted where that is null: another one exports the
 * name, or another one uses what would change or go. `stack` is null for a new one.
 */
export function checkExports(
  stack: Stack | null,
  after: ResolvedStack | null,
  stacks: readonly Stack[],
): void {
  const others = stacks.filter((other) => other !== stack);
  const values = namedValues(after);
  for (const { name, stack: owner } of exportsOf(others)) {
    if (Object.hasOwn(values, name))
      throw invalid(`Export with name ${name} is already exported by stack ${owner.name}`);
  }
  for (const [name, value] of Object.entries(namedValues(stack?.claimed ?? null))) {
    const users = importersOf(name, others);
    if (users.length === 0 || values[name] === value) continue;
    const what = Object.hasOwn(values, name) ? 'update' : 'delete';
    throw invalid(`Cannot ${what} export ${name} as it is in use by ${users.join(', ')}`);
  }
}

function namedValues(resolved: ResolvedStack | null): Readonly<Record<string, string>> {
  const exported = Object.entries(resolved?.exports ?? {});
  return Object.fromEntries(exported.map(([output, name]) => [name, resolved?.outputs[output] ?? '']));
}

function invalid(text: string): AwsError {
  return new AwsError('ValidationError', text);
}
