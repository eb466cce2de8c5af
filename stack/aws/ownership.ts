/**
 * A stack that this tool made carries a tag, and the tool touches no other: a mistyped name must not delete somebody's
 * production. `--adopt` gives an existing stack the tag.
 */
import type { StackDescription } from './stack-description.ts';
import { IN_REVIEW, isBusy } from './stack-status.ts';

/** Its value is the version that made the stack. */
export const OWNER_TAG = 'serverless-websocket-bench';

/** Change sets of this tool are named so, which tells whose a stack is before it has tags. */
export const CHANGE_SET_PREFIX = 'bench-';

export function isOwned({ tags }: StackDescription): boolean {
  return tags[OWNER_TAG] !== undefined;
}

/**
 * The tags of a deployment: those in force, the user's, ours. An update keeps the version that made the stack, because a
 * tag's new value would be a change of every resource, and replace those whose tags can't be changed.
 */
export function tagsOf(
  stack: StackDescription | null,
  given: Readonly<Record<string, string>>,
  version: string,
): Readonly<Record<string, string>> {
  const inForce = stack?.tags ?? {};
  return { ...inForce, ...given, [OWNER_TAG]: inForce[OWNER_TAG] ?? version };
}

/** Why this tool does not touch the stack; null where it may. */
export function ownershipObstacle(stack: StackDescription, remedy: string): string | null {
  if (isOwned(stack) || stack.status === IN_REVIEW) return null;
  return `${stack.name} (${stack.status}) was not made by this tool: it lacks the tag ${OWNER_TAG}; ${remedy}`;
}

/**
 * Stacks of this tool whose names begin so and that nobody has changed for a while: what a job left behind that was killed
 * before it could tear down. Those that AWS is at work on are somebody's who is.
 */
export function staleAmong(
  stacks: readonly StackDescription[],
  { prefix, olderThanMs, nowMs }: { prefix: string; olderThanMs: number; nowMs: number },
): StackDescription[] {
  return stacks.filter((stack) => {
    const touched = stack.updatedAt ?? stack.createdAt;
    const isOld = touched !== null && nowMs - Date.parse(touched) > olderThanMs;
    return isOwned(stack) && stack.name.startsWith(prefix) && isOld && !isBusy(stack.status);
  });
}

/** Problems of the tags that a user gives, each a sentence. */
export function tagProblems(given: Readonly<Record<string, string>>): string[] {
  return Object.keys(given).flatMap((key) => {
    if (key === OWNER_TAG) return [`tag: ${OWNER_TAG} is set by this tool`];
    return /^aws:/i.test(key) ? [`tag: '${key}' begins with aws:, which AWS keeps to itself`] : [];
  });
}
