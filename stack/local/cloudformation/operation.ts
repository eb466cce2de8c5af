/**
 * Operations on a stack: create, update, delete, and the rollback of the first two. Resources are made and changed in the
 * order of their dependencies and removed in reverse; each step is noted as an event before and after. A resource that
 * fails ends the operation and begins the rollback, which undoes what was done, last step first. An update removes what
 * it replaced or dropped only when all else has succeeded.
 * Nothing waits for the sake of waiting, unless a quirk says so: what takes minutes on AWS is done here before a client asks again.
 * States and their order: CloudFormation User Guide, "Stack status codes" and "Update behaviors of stack resources".
 */
import type { ResourceStatus } from '@aws-sdk/client-cloudformation';
import type { Clock } from '../../../bench/ports.ts';
import { customName } from '../../template/types.ts';
import type { ResolvedResource } from '../../template/value.ts';
import { AwsError } from '../errors.ts';
import { changesBetween } from './change.ts';
import type { Provisioner } from './provisioner.ts';
import type { Change, Stack, StackVersion } from './stack.ts';

/** What to do with a new stack that could not be made. */
export type OnFailure = 'ROLLBACK' | 'DELETE' | 'DO_NOTHING';

type Step = Change & { action: 'Add' | 'Modify' };

/** Resources that failed, by logical id; empty when all went well. */
type Failed = readonly string[];

const REPLACING = 'Requested update requires the creation of a new physical resource; hence creating one.';

/** CloudFormation's own words for what a service refused, by the service's error code. */
const HANDLER_ERROR_CODES: Readonly<Record<string, string>> = {
  ResourceInUseException: 'AlreadyExists',
  ResourceConflictException: 'AlreadyExists',
  ResourceNotFoundException: 'NotFound',
  LimitExceededException: 'ServiceLimitExceeded',
};

export class Operation {
  readonly #stack: Stack;
  readonly #provisioner: Provisioner;
  readonly #clock: Clock;
  /** What was done, in order. */
  readonly #done: Step[] = [];

  constructor(stack: Stack, provisioner: Provisioner, clock: Clock) {
    this.#stack = stack;
    this.#provisioner = provisioner;
    this.#clock = clock;
  }

  async create(version: StackVersion, onFailure: OnFailure): Promise<void> {
    const failed = await this.#make(changesBetween(null, version.resolved));
    if (failed.length === 0) {
      this.#provisioner.deploy(version.apis);
      this.#stack.version = version;
      this.#stack.enter('CREATE_COMPLETE');
      return;
    }
    const reason = `The following resource(s) failed to create: [${failed.join(', ')}].`;
    if (onFailure === 'DO_NOTHING') {
      this.#stack.version = version;
      this.#stack.enter('CREATE_FAILED', reason);
      return;
    }
    this.#stack.enter(onFailure === 'DELETE' ? 'DELETE_IN_PROGRESS' : 'ROLLBACK_IN_PROGRESS', reason);
    for (const id of failed) this.#restoreNote(id);
    const left = await this.#removeAll(this.#done.map(({ after }) => after).reverse());
    if (onFailure === 'DELETE') this.#endOfDeletion(left);
    else this.#stack.enter(left.length === 0 ? 'ROLLBACK_COMPLETE' : 'ROLLBACK_FAILED', leftReason(left));
  }

  async update(version: StackVersion): Promise<void> {
    const stack = this.#stack;
    const changes = changesBetween(stack.version?.resolved ?? null, version.resolved);
    const failed = await this.#make(changes);
    if (failed.length > 0) {
      await this.#undoUpdate(failed);
      return;
    }
    this.#provisioner.deploy(version.apis);
    stack.version = version;
    stack.updatedAt = this.#now();
    stack.enter('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    await this.#cleanUp(changes);
    stack.enter('UPDATE_COMPLETE');
  }

  /** `retained` are logical ids of resources that are left where they are. */
  async delete(retained: readonly string[]): Promise<void> {
    const resources = this.#remaining().reverse();
    for (const resource of resources)
      if (retained.includes(resource.logicalId)) this.#stack.note(resource, 'DELETE_SKIPPED');
    const others = resources.filter(({ logicalId }) => !retained.includes(logicalId));
    this.#endOfDeletion(await this.#removeAll(others));
  }

  /** What there is of the stack: an unsuccessful rollback or deletion leaves a part. */
  #remaining(): ResolvedResource[] {
    const { version, resources } = this.#stack;
    const known = version?.resolved.resources ?? [...resources.values()].map(({ resource }) => resource);
    const gone = ['DELETE_COMPLETE', 'DELETE_SKIPPED', 'CREATE_FAILED'];
    return known.filter(({ logicalId }) => !gone.includes(resources.get(logicalId)?.status ?? ''));
  }

  #endOfDeletion(left: Failed): void {
    if (left.length > 0) {
      this.#stack.enter('DELETE_FAILED', leftReason(left));
      return;
    }
    this.#stack.version = null;
    this.#stack.deletedAt = this.#now();
    this.#stack.enter('DELETE_COMPLETE');
  }

  /** Additions and modifications, up to the first that fails. */
  async #make(changes: readonly Change[]): Promise<Failed> {
    for (const change of changes) {
      if (change.action === 'Remove') continue;
      const failure = await this.#step(change);
      if (failure !== null) return [failure];
      this.#done.push(change);
    }
    return [];
  }

  /** Makes one change and notes it. Returns the logical id if it failed. */
  async #step(change: Step): Promise<string | null> {
    const verb = change.action === 'Add' ? 'CREATE' : 'UPDATE';
    const replaces = change.action === 'Modify' && change.replaced;
    this.#stack.note(change.after, `${verb}_IN_PROGRESS`, replaces ? REPLACING : undefined);
    try {
      await this.#perform(change);
    } catch (error) {
      this.#stack.note(change.after, `${verb}_FAILED`, reasonOf(error));
      return change.after.logicalId;
    }
    this.#stack.note(change.after, `${verb}_COMPLETE`);
    return null;
  }

  #perform(change: Step): Promise<void> {
    if (change.action === 'Add') return this.#provisioner.create(change.after);
    if (!change.replaced) return this.#provisioner.update(change.before, change.after);
    const { before, after } = change;
    const name = customName(after.type, after.properties);
    if (name !== undefined && name === customName(before.type, before.properties)) {
      const text = `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${before.physicalId} and update the stack again.`;
      return Promise.reject(new AwsError('ValidationError', text));
    }
    return this.#provisioner.create(change.after);
  }

  async #undoUpdate(failed: Failed): Promise<void> {
    const stack = this.#stack;
    const reason = `The following resource(s) failed to update: [${failed.join(', ')}].`;
    stack.enter('UPDATE_ROLLBACK_IN_PROGRESS', reason);
    const stuck: string[] = [];
    for (const step of [...this.#done].reverse()) {
      if (step.action === 'Modify' && !(await this.#undo(step))) stuck.push(step.after.logicalId);
    }
    for (const id of failed) this.#restoreNote(id);
    if (stuck.length > 0) {
      stack.enter('UPDATE_ROLLBACK_FAILED', leftReason(stuck));
      return;
    }
    stack.enter('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
    for (const step of [...this.#done].reverse()) {
      if (step.action === 'Add') await this.#remove(step.after);
      else if (step.replaced) await this.#removeReplaced(step.after);
    }
    stack.enter('UPDATE_ROLLBACK_COMPLETE');
  }

  async #undo(step: Step & { action: 'Modify' }): Promise<boolean> {
    this.#stack.note(step.before, 'UPDATE_IN_PROGRESS');
    try {
      if (!step.replaced) await this.#provisioner.update(step.after, step.before);
    } catch (error) {
      this.#stack.note(step.before, 'UPDATE_FAILED', reasonOf(error));
      return false;
    }
    this.#stack.note(step.before, 'UPDATE_COMPLETE');
    return true;
  }

  /** A resource whose change failed is what it was, or is not there. */
  #restoreNote(logicalId: string): void {
    const before = this.#stack.version?.resolved.resources.find((one) => one.logicalId === logicalId);
    const failed = this.#stack.resources.get(logicalId)?.resource;
    if (before !== undefined) this.#stack.note(before, 'UPDATE_COMPLETE');
    else if (failed !== undefined) this.#stack.note(failed, 'DELETE_COMPLETE');
  }

  /** Removes what an update replaced or dropped. What can't be removed stays, as on AWS, and is noted. */
  async #cleanUp(changes: readonly Change[]): Promise<void> {
    for (const change of changes) {
      if (change.action === 'Remove') await this.#remove(change.before);
    }
    for (const change of [...changes].reverse()) {
      if (change.action === 'Modify' && change.replaced) await this.#removeReplaced(change.before);
    }
  }

  async #removeReplaced(resource: ResolvedResource): Promise<void> {
    if (resource.retain?.onReplace) {
      this.#stack.noteReplaced(resource, 'DELETE_SKIPPED');
      return;
    }
    this.#stack.noteReplaced(resource, 'DELETE_IN_PROGRESS');
    const status: ResourceStatus = await this.#provisioner.remove(resource).then(
      () => 'DELETE_COMPLETE',
      () => 'DELETE_FAILED',
    );
    this.#stack.noteReplaced(resource, status);
  }

  /** Returns the logical ids of those that could not be removed. */
  async #removeAll(resources: readonly ResolvedResource[]): Promise<Failed> {
    const left: string[] = [];
    for (const resource of resources) {
      if (!(await this.#remove(resource))) left.push(resource.logicalId);
    }
    return left;
  }

  async #remove(resource: ResolvedResource): Promise<boolean> {
    if (resource.retain?.onDelete) {
      this.#stack.note(resource, 'DELETE_SKIPPED');
      return true;
    }
    this.#stack.note(resource, 'DELETE_IN_PROGRESS');
    try {
      await this.#provisioner.remove(resource);
    } catch (error) {
      this.#stack.note(resource, 'DELETE_FAILED', reasonOf(error));
      return false;
    }
    this.#stack.note(resource, 'DELETE_COMPLETE');
    return true;
  }

  #now(): Date {
    return new Date(this.#clock.epochAt(this.#clock.now()));
  }
}

function leftReason(left: Failed): string | undefined {
  return left.length === 0 ? undefined : `The following resource(s) failed to delete: [${left.join(', ')}].`;
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof AwsError) || error.code === 'ValidationError') return message;
  const code = HANDLER_ERROR_CODES[error.code] ?? 'InvalidRequest';
  return `Resource handler returned message: "${message}" (HandlerErrorCode: ${code})`;
}
