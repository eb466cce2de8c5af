/**
 * CloudFormation: stacks of one account, made from templates by operations that run in the background, one at a time for
 * each stack. What a request may ask is checked here; what an operation does is in operation.ts. Several stacks live side
 * by side and share the account's names.
 *
 * Unlike AWS, a template is resolved as a whole before anything is made: a property that can't be run is refused with the
 * request, by name, and not halfway through a deployment.
 */
import type { ChangeSetType, Tag } from '@aws-sdk/client-cloudformation';
import type { Clock, Random } from '../../../bench/ports.ts';
import { randomUuid } from '../../template/identity.ts';
import { resolveTemplate } from '../../template/resolve.ts';
import type { ResolvedStack } from '../../template/value.ts';
import { AwsError } from '../errors.ts';
import { gatewayConfigs } from '../gateway/gateway-config.ts';
import { differs, workedOut } from './change.ts';
import { type OnFailure, Operation } from './operation.ts';
import type { Provisioner } from './provisioner.ts';
import {
  type ChangeSet,
  checkExports,
  exportsOf,
  Stack,
  type StackSettings,
  type StackVersion,
} from './stack.ts';

export interface CloudFormationOptions {
  readonly provisioner: Provisioner;
  readonly clock: Clock;
  readonly random: Random;
  readonly region: string;
  readonly accountId: string;
  /** How long a change set takes; no time unless given. */
  readonly changeSetMs?: number;
  readonly log: (line: string) => void;
}

/** A template with parameters, as a request gives them. */
export interface VersionRequest {
  readonly templateText: string;
  /** For messages. */
  readonly fileName: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Tags of the stack, which its resources get too; none unless given. */
  readonly tags?: readonly Tag[];
}

/** Deleted stacks that are kept, to be found by their ids; AWS keeps them for 90 days. Each holds its events. */
export const DELETED_STACKS = 50;

/** Change sets that a stack may have. The oldest that failed makes room; those that can be executed are their user's. */
export const CHANGE_SETS = 100;

/** Stacks that may exist, those in review included: AWS's quota. */
const STACKS = 2_000;

/** States from which a stack can be updated. */
const UPDATABLE = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'];

export class CloudFormation {
  readonly #options: CloudFormationOptions;
  /** In the order of creation, deleted ones included while they are kept. */
  #stacks: Stack[] = [];
  readonly #running = new Map<Stack, Promise<void>>();
  #made = 0;

  constructor(options: CloudFormationOptions) {
    this.#options = options;
  }

  /** All stacks, oldest first, deleted ones included. */
  get stacks(): readonly Stack[] {
    return this.#stacks;
  }

  /** A stack by name, which must not be deleted, or by id, which may be. Throws AWS's error. */
  stack(nameOrId: string): Stack {
    const found = this.find(nameOrId);
    if (found === undefined)
      throw new AwsError('ValidationError', `Stack with id ${nameOrId} does not exist`);
    return found;
  }

  /** Throws AWS's error where the id is of another account: it is not told whether such a stack exists. */
  find(nameOrId: string): Stack | undefined {
    this.#checkAccount(nameOrId);
    return this.#stacks.find(
      (stack) => stack.id === nameOrId || (stack.name === nameOrId && !stack.isDeleted),
    );
  }

  /**
   * Resolves a template for a stack; `stack` is null for a new one. Throws a TemplateError or StageConfigurationError
   * with everything that is wrong.
   */
  versionOf(name: string, request: VersionRequest, stack: Stack | null): StackVersion {
    const { region, accountId, random } = this.#options;
    const resolved = resolveTemplate({
      text: request.templateText,
      fileName: request.fileName,
      stackName: name,
      parameters: request.parameters,
      region,
      accountId,
      random: random.fork(`version ${this.#made++}`),
      importedValue: (exported) =>
        exportsOf(this.#stacks).find((one) => one.name === exported && one.stack !== stack)?.value,
      tags: Object.fromEntries((request.tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''])),
      ...(stack === null ? {} : { stackId: stack.id }),
      ...(stack?.version ? { previous: stack.version.resolved } : {}),
    });
    return {
      templateText: request.templateText,
      parameters: request.parameters,
      resolved,
      apis: gatewayConfigs(resolved),
    };
  }

  /** Begins to create a stack. The promise ends with the operation, whatever came of it. */
  create(
    version: StackVersion,
    settings: StackSettings,
    onFailure: OnFailure,
  ): { readonly stack: Stack; readonly ended: Promise<void> } {
    const { stackName, stackId } = version.resolved;
    this.checkFree(stackName);
    checkExports(null, version.resolved, this.#stacks);
    const stack = this.#newStack(stackName, stackId, settings);
    return { stack, ended: this.#beginCreation(stack, version, onFailure) };
  }

  /** Begins to update a stack. */
  update(stack: Stack, version: StackVersion, settings: StackSettings): Promise<void> {
    this.checkUpdatable(stack);
    checkExports(stack, version.resolved, this.#stacks);
    if (!differs(stack, version, settings))
      throw new AwsError('ValidationError', 'No updates are to be performed.');
    return this.#beginUpdate(stack, version, settings);
  }

  /** Begins to delete a stack; waits for what is under way. A stack that does not exist is deleted already. */
  async delete(nameOrId: string, retained: readonly string[] = []): Promise<void> {
    const stack = this.find(nameOrId);
    if (stack === undefined || stack.isDeleted) return;
    await this.#running.get(stack);
    if (stack.isDeleted) return;
    checkExports(stack, null, this.#stacks);
    stack.enter('DELETE_IN_PROGRESS', 'User Initiated');
    await this.#run(stack, (operation) => operation.delete(retained));
  }

  /** Makes a change set, and the stack it is for if that is new. */
  addChangeSet(request: {
    readonly name: string;
    readonly stackName: string;
    readonly type: ChangeSetType;
    readonly description: string | undefined;
    readonly settings: StackSettings;
    readonly version: (stack: Stack | null) => StackVersion;
  }): { readonly stack: Stack; readonly changeSet: ChangeSet } {
    const { type, settings } = request;
    const known = type === 'CREATE' ? this.#inReview(request.stackName) : this.stack(request.stackName);
    if (known !== null && type === 'UPDATE') this.checkUpdatable(known);
    // Before the stack is made: a template that can't be used leaves no stack behind.
    const version = request.version(known);
    checkExports(known, version.resolved, this.#stacks);
    const stack = known ?? this.#reviewed(version.resolved, settings);
    if (stack.changeSets.has(request.name)) {
      const text = `ChangeSet ${request.name} cannot be created due to a mismatch with existing attribute Template`;
      throw new AwsError('AlreadyExistsException', text);
    }
    makeRoom(stack);
    const { region, accountId, provisioner, changeSetMs = 0 } = this.#options;
    const createdAt = this.now();
    const changeSet: ChangeSet = {
      name: request.name,
      id: `arn:aws:cloudformation:${region}:${accountId}:changeSet/${request.name}/${this.newId()}`,
      type,
      createdAt,
      description: request.description,
      settings,
      readyAtMs: createdAt.getTime() + changeSetMs,
      ...workedOut(stack, { type, version, settings }, provisioner),
    };
    stack.changeSets.set(changeSet.name, changeSet);
    return { stack, changeSet };
  }

  /** Begins to execute a change set; the others of its stack can no longer be. */
  execute(stack: Stack, changeSet: ChangeSet, onFailure: OnFailure): Promise<void> {
    const { version, executionStatus, name } = changeSet;
    this.checkWorkedOut(changeSet, 'executed');
    if (version === null || executionStatus !== 'AVAILABLE') {
      const text = `ChangeSet [${changeSet.id}] cannot be executed in its current status of [${changeSet.status}]`;
      throw new AwsError('InvalidChangeSetStatus', text);
    }
    if (changeSet.type === 'UPDATE') this.checkUpdatable(stack);
    checkExports(stack, version.resolved, this.#stacks);
    changeSet.executionStatus = 'EXECUTE_COMPLETE';
    for (const other of [...stack.changeSets.keys()]) if (other !== name) stack.changeSets.delete(other);
    if (changeSet.type === 'CREATE') {
      stack.settings = changeSet.settings;
      return this.#beginCreation(stack, version, onFailure);
    }
    return this.#beginUpdate(stack, version, changeSet.settings);
  }

  /** Whether CloudFormation is still at work on the change set. */
  isInProgress({ readyAtMs }: ChangeSet): boolean {
    return this.now().getTime() < readyAtMs;
  }

  /** Throws while the change set is being made. */
  checkWorkedOut(changeSet: ChangeSet, done: 'executed' | 'deleted'): void {
    if (!this.isInProgress(changeSet)) return;
    const text = `ChangeSet [${changeSet.id}] cannot be ${done} in its current status of [CREATE_IN_PROGRESS]`;
    throw new AwsError('InvalidChangeSetStatus', text);
  }

  /** Throws when another stack uses what the stack exports. */
  checkDeletable(stack: Stack): void {
    checkExports(stack, null, this.#stacks);
  }

  /** Throws unless a new stack can have the name. */
  checkFree(name: string): void {
    const known = this.find(name);
    if (known === undefined) return;
    throw new AwsError('AlreadyExistsException', `Stack [${name}] already exists`);
  }

  /** Throws unless the stack is in a state from which it can be updated. */
  checkUpdatable(stack: Stack): void {
    if (UPDATABLE.includes(stack.status)) return;
    const text = `Stack:${stack.id} is in ${stack.status} state and can not be updated.`;
    throw new AwsError('ValidationError', text);
  }

  now(): Date {
    const { clock } = this.#options;
    return new Date(clock.epochAt(clock.now()));
  }

  newId(): string {
    return randomUuid(this.#options.random);
  }

  #checkAccount(nameOrId: string): void {
    const { accountId } = this.#options;
    const [arn, , , , owner] = nameOrId.split(':');
    if (arn !== 'arn' || owner === accountId) return;
    const text = `User: arn:aws:iam::${accountId}:user/local-stage is not authorized to access the resource ${nameOrId}`;
    throw new AwsError('AccessDenied', text, 403);
  }

  /** The stack that an earlier change set made and nobody has executed; null when the name is free. */
  #inReview(name: string): Stack | null {
    const known = this.find(name);
    if (known?.status === 'REVIEW_IN_PROGRESS') return known;
    this.checkFree(name);
    return null;
  }

  #reviewed({ stackName, stackId }: ResolvedStack, settings: StackSettings): Stack {
    const stack = this.#newStack(stackName, stackId, settings);
    stack.enter('REVIEW_IN_PROGRESS', 'User Initiated');
    return stack;
  }

  /** Forgets the stacks that were deleted first, beyond as many as are kept. */
  #forgetOldest(): void {
    const deleted = this.#stacks.filter(({ isDeleted }) => isDeleted);
    const oldestFirst = deleted.sort((one, other) => Number(one.deletedAt) - Number(other.deletedAt));
    const forgotten = new Set(oldestFirst.slice(0, Math.max(0, deleted.length - DELETED_STACKS)));
    if (forgotten.size > 0) this.#stacks = this.#stacks.filter((stack) => !forgotten.has(stack));
  }

  #newStack(name: string, id: string, settings: StackSettings): Stack {
    if (this.#stacks.filter(({ isDeleted }) => !isDeleted).length >= STACKS)
      throw new AwsError('LimitExceededException', `There are ${STACKS} stacks already: delete some`);
    const stack = new Stack({ name, id, settings, now: () => this.now(), newId: () => this.newId() });
    this.#stacks.push(stack);
    return stack;
  }

  #beginCreation(stack: Stack, version: StackVersion, onFailure: OnFailure): Promise<void> {
    stack.claimed = version.resolved;
    stack.templateText = version.templateText;
    stack.enter('CREATE_IN_PROGRESS', 'User Initiated');
    return this.#run(stack, (operation) => operation.create(version, onFailure));
  }

  #beginUpdate(stack: Stack, version: StackVersion, settings: StackSettings): Promise<void> {
    const before = stack.settings;
    stack.settings = settings;
    stack.claimed = version.resolved;
    stack.enter('UPDATE_IN_PROGRESS', 'User Initiated');
    return this.#run(stack, async (operation) => {
      await operation.update(version);
      // What is rolled back is rolled back with its tags.
      if (stack.version === version) stack.templateText = version.templateText;
      else stack.settings = before;
    });
  }

  #run(stack: Stack, perform: (operation: Operation) => Promise<void>): Promise<void> {
    const { provisioner, clock, log } = this.#options;
    const running = perform(new Operation(stack, provisioner, clock))
      .catch((error: unknown) => log(`cloudformation: ${stack.name}: ${String(error)}`))
      .finally(() => {
        this.#running.delete(stack);
        stack.claimed = stack.version?.resolved ?? null;
        this.#forgetOldest();
      });
    this.#running.set(stack, running);
    return running;
  }
}

function makeRoom({ name, changeSets }: Stack): void {
  if (changeSets.size < CHANGE_SETS) return;
  const failed = [...changeSets.values()].find(({ status }) => status === 'FAILED');
  if (failed === undefined) {
    const text = `ChangeSet limit exceeded for stack ${name}: it has ${CHANGE_SETS}; execute one or delete some`;
    throw new AwsError('LimitExceededException', text);
  }
  changeSets.delete(failed.name);
}
