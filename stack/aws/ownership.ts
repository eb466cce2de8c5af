/**
 * A stack that this tool made carries a mark, and the tool touches no other: a mistyped name must not delete somebody's
 * production. The mark is an output of the deployed template: unlike a tag, it touches no resource when it comes
 * (stack/decisions/0004-the-mark-of-a-stack.md). `--adopt` gives it to an existing stack. Earlier versions marked stacks
 * with a tag, which stays where it is and is still recognised.
 */
import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, parseDocument, type YAMLMap } from 'yaml';
import { mappingOf } from '../template/known.ts';
import { TEMPLATE_BYTES } from '../template/syntax.ts';
import type { Account } from './account.ts';
import { waitingChangeSets } from './change-set.ts';
import { IN_REVIEW, isBusy, type StackDescription, templateTextOf } from './stack-description.ts';
import { deployedTemplate, parseTemplate, type Template, TemplateProblems } from './template.ts';

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

/** Name of the output. Its value is the version that made the stack. */
export const MARK = 'ServerlessWebsocketBench';

/** The template with the mark, as it is sent. Throws {@link TemplateProblems} where no output can be added to it. */
export function markedTemplate(template: Template, version: string): string {
  if (template.outputs[MARK] !== undefined) return template.text;
  const text = withOutput(template.text, version);
  const bytes = Buffer.byteLength(text);
  if (bytes > TEMPLATE_BYTES)
    throw problem(
      template,
      `has ${bytes} bytes with the output ${MARK}, which marks the stack as this tool's; CloudFormation takes at most ${TEMPLATE_BYTES}: make it smaller`,
    );
  const { outputs, resources } = parseTemplate(text, template.path);
  const expected = { ...template.outputs, [MARK]: entryOf(version) };
  if (!isDeepStrictEqual({ ...outputs }, expected) || !isDeepStrictEqual(resources, template.resources))
    throw problem(
      template,
      `can't be given the output ${MARK}, which marks the stack as this tool's: write Outputs as a plain mapping`,
    );
  return text;
}

/** Version of this tool that marked a template; null where none did. */
export function markOf(template: Template): string | null {
  const { Value } = mappingOf(template.outputs[MARK]);
  return typeof Value === 'string' ? Value : null;
}

function problem({ path }: Template, text: string): TemplateProblems {
  return new TemplateProblems([`template: ${path} ${text}`]);
}

function entryOf(version: string) {
  return { Description: 'Version of serverless-websocket-bench that made this stack.', Value: version };
}

function withOutput(text: string, version: string): string {
  const root = parseDocument(text).contents;
  if (!isMap(root)) return text;
  const entry = JSON.stringify(entryOf(version));
  const outputs = root.get('Outputs', true);
  if (isMap(outputs) && (outputs.items.length > 0 || outputs.flow === true))
    return withEntry(text, outputs, MARK, entry);
  if (outputs !== undefined) return text;
  return withEntry(text, root, 'Outputs', `{${JSON.stringify(MARK)}: ${entry}}`);
}

/** The text with one more entry at the beginning of a mapping, so that nothing before or behind it is read otherwise. */
function withEntry(text: string, map: YAMLMap, key: string, value: string): string {
  if (map.flow === true) {
    const at = (map.range?.[0] ?? 0) + 1;
    const comma = map.items.length === 0 ? '' : ',';
    return `${text.slice(0, at)}${JSON.stringify(key)}: ${value}${comma}${text.slice(at)}`;
  }
  const first = map.items[0]?.key;
  const at = isScalar(first) ? (first.range?.[0] ?? 0) : 0;
  const indent = ' '.repeat(at - (text.lastIndexOf('\n', at - 1) + 1));
  return `${text.slice(0, at)}${key}: ${value}\n${indent}${text.slice(at)}`;
}
