/**
 * A stack that this tool made carries a mark (template-mark.ts), and the tool touches no other: a mistyped name must not
 * delete somebody's production. `--adopt` gives an existing stack the mark. Earlier versions marked stacks with a tag,
 * which stays where it is and is still recognised.
 */
import type { Account } from './account.ts';
import { waitingChangeSets } from './change-set.ts';
import { type StackDescription, templateTextOf } from './stack-description.ts';
import { IN_REVIEW, isBusy } from './stack-status.ts';
import { deployedTemplate } from './template.ts';
import { MARK, markOf } from './template-mark.ts';

/** The mark of earlier versions: its value is the version that made the stack. */
export const OWNER_TAG = 'serverless-websocket-bench';

/** Version of this tool that made the stack; null where the description does not say so. */
export function describedMaker({ outputs, tags }: Pick<StackDescription, 'outputs' | 'tags'>): string | null {
  return outputs[MARK] ?? tags[OWNER_TAG] ?? null;
}

/**
 * Version of this tool that made the stack; null where it did not. A stack that never came to be is described without
 * outputs: its template tells then, and the names of its change sets while it has not even that.
 */
export async function makerOf(account: Account, stack: StackDescription): Promise<string | null> {
  const described = describedMaker(stack);
  if (described !== null || Object.keys(stack.outputs).length > 0) return described;
  if (stack.status !== IN_REVIEW) return markIn(await templateTextOf(account, stack.id));
  const { own, foreign } = await waitingChangeSets(account, stack.id);
  if (own.length === 0 || foreign.length > 0) return null;
  return markIn(await templateTextOf(account, stack.id, own[0]));
}

function markIn(text: string | null): string | null {
  const template = deployedTemplate(text);
  return template === null ? null : markOf(template);
}

/** The outputs of a stack that its author wrote. */
export function ownOutputs({ outputs }: Pick<StackDescription, 'outputs'>): Readonly<Record<string, string>> {
  const { [MARK]: _, ...own } = outputs;
  return own;
}

/**
 * The tags of a deployment: those in force and the user's. None is taken away, for that too is a change of every resource;
 * those that AWS set itself can't be sent.
 */
export function tagsOf(
  stack: StackDescription | null,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const inForce = Object.entries(stack?.tags ?? {}).filter(([key]) => !isReserved(key));
  return { ...Object.fromEntries(inForce), ...given };
}

/** Why this tool does not touch the stack; null where it may. */
export async function ownershipObstacle(
  account: Account,
  stack: StackDescription,
  remedy: string,
): Promise<string | null> {
  if (stack.status === IN_REVIEW) return reviewObstacle(account, stack, remedy);
  if ((await makerOf(account, stack)) !== null) return null;
  return `${stack.name} (${stack.status}) was not made by this tool: it has neither its output ${MARK} nor the tag ${OWNER_TAG} of earlier versions; ${remedy}`;
}

/** One in review holds nothing, but somebody may be about to decide. */
async function reviewObstacle(
  account: Account,
  { id, name }: StackDescription,
  remedy: string,
): Promise<string | null> {
  const { foreign } = await waitingChangeSets(account, id);
  if (foreign.length === 0) return null;
  return `${name} awaits the review of somebody else's change set (${foreign.join(', ')}); ${remedy}`;
}

/** Whether the stack is in review without a change set: a name that holds nothing, left by whoever was killed while tidying up. */
export async function isHollow(account: Account, { id, status }: StackDescription): Promise<boolean> {
  if (status !== IN_REVIEW) return false;
  const { own, foreign } = await waitingChangeSets(account, id);
  return own.length + foreign.length === 0;
}

/**
 * Stacks whose names begin so and that nobody has changed for a while: what a job left behind that was killed before it
 * could tear down, where they are this tool's. Those that AWS is at work on are somebody's who is.
 */
export function staleAmong(
  stacks: readonly StackDescription[],
  { prefix, olderThanMs, nowMs }: { prefix: string; olderThanMs: number; nowMs: number },
): StackDescription[] {
  return stacks.filter((stack) => {
    const touched = stack.updatedAt ?? stack.createdAt;
    const isOld = touched !== null && nowMs - Date.parse(touched) > olderThanMs;
    return stack.name.startsWith(prefix) && isOld && !isBusy(stack.status);
  });
}

/** Limits of tags: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Tag.html, API_CreateChangeSet.html */
const TAG_LIMITS = { tags: 50, key: 128, value: 256 } as const;

/** Problems of the tags that a user gives, each a sentence. */
export function tagProblems(given: Readonly<Record<string, string>>): string[] {
  const entries = Object.entries(given);
  const problems = entries.flatMap(([key, value]) => {
    if (key === OWNER_TAG) return [`tag: ${OWNER_TAG} is this tool's own; take another key`];
    if (isReserved(key))
      return [`tag: '${key}' begins with aws:, which AWS keeps to itself; take another key`];
    if (key.length > TAG_LIMITS.key)
      return [`tag: '${key}' has ${key.length} characters; a key has at most ${TAG_LIMITS.key}`];
    if (value.length > TAG_LIMITS.value)
      return [`tag: the value of '${key}' has ${value.length} characters; it may have ${TAG_LIMITS.value}`];
    return [];
  });
  if (entries.length > TAG_LIMITS.tags)
    problems.push(`tag: ${entries.length} are given; a stack has at most ${TAG_LIMITS.tags}`);
  return problems;
}

function isReserved(key: string): boolean {
  return /^aws:/i.test(key);
}
