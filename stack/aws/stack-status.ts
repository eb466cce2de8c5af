/**
 * What a stack's status means for what may be done next.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
 */

/** A change set was made for a stack that does not exist yet: a name, and nothing deployed. */
export const IN_REVIEW = 'REVIEW_IN_PROGRESS';

/** A deleted stack is still found by its ARN. */
export const DELETED = 'DELETE_COMPLETE';

const GOOD = new Set(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE']);

/** Whether AWS is at work on the stack. */
export function isBusy(status: string): boolean {
  return status.endsWith('_IN_PROGRESS') && status !== IN_REVIEW;
}

/**
 * Whether the stack can be deleted now: a deletion ends a creation that is under way, and a deletion can be asked for twice;
 * an update or a rollback has to end first.
 */
export function isRemovable(status: string): boolean {
  return !isBusy(status) || status === 'CREATE_IN_PROGRESS' || status === 'DELETE_IN_PROGRESS';
}

/** Whether the stack is whole, with what was last asked of it. */
export function isGood(status: string): boolean {
  return GOOD.has(status);
}

/** Why a stack in this state can't be updated, with what to do; null where it can. */
export function updateObstacle(name: string, status: string): string | null {
  if (isBusy(status)) {
    return `${name} is ${status}: AWS is still at work on it; look again with 'npm run status -- --name ${name}'`;
  }
  switch (status) {
    case 'ROLLBACK_COMPLETE':
    case 'ROLLBACK_FAILED':
    case 'CREATE_FAILED':
    case 'DELETE_FAILED':
      return `${name} is ${status}, and AWS updates no such stack: remove it first with 'npm run teardown -- --name ${name}'`;
    case 'UPDATE_ROLLBACK_FAILED':
      return `${name} is ${status}: the last update could not be undone; repair it with 'aws cloudformation continue-update-rollback --stack-name ${name}', or remove it with 'npm run teardown -- --name ${name}'`;
    default:
      return null;
  }
}

/** What state a failed operation left the stack in, and what to do now. */
export function afterFailure(name: string, status: string): string {
  const obstacle = updateObstacle(name, status);
  if (obstacle !== null) return obstacle;
  if (status === 'UPDATE_ROLLBACK_COMPLETE') {
    return `${name} is ${status}: it is as it was before this update, and works`;
  }
  return `${name} is ${status}`;
}
