/**
 * What a plan calls its stage: `local`, the ws:// or wss:// URL of any server, or a CloudFormation stack by its name or
 * ARN. The three look different enough to be told apart by form alone.
 */
import { maskedAddress } from './secrets.ts';

const WEB_SOCKET = /^wss?:\/\//i;

/** Names as CloudFormation allows them (CreateStack, AWS CloudFormation API reference). */
export const STACK_NAME = /^[A-Za-z][A-Za-z0-9-]{0,127}$/;

/** `us-east-1`, `eusc-de-east-1`, `us-isob-east-1`: AWS adds regions more often than anybody updates an SDK, so the form decides. */
export const REGION_NAME = /^[a-z]{2,}(-[a-z]+)+-\d+$/;

const STACK_ARN =
  /^arn:[a-z-]+:cloudformation:([a-z0-9-]+):(\d{12}):stack\/([A-Za-z][A-Za-z0-9-]{0,127})\/\S+$/;

/** Whether the stage is given by its URL. */
export function isUrl(stage: string): boolean {
  return WEB_SOCKET.test(stage);
}

/** Whether the plan's stage is a stack, rather than the local stage or a URL. */
export function isStackStage({ stage }: { readonly stage: string }): boolean {
  return stage !== 'local' && !WEB_SOCKET.test(stage);
}

/** Where a stack is: its name alone may be another's, elsewhere or later. */
export interface StackHome {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
}

/** What the ARN of a stack says; null for any other text. */
export function stackArnOf(text: string): (StackHome & { readonly name: string }) | null {
  const [, region, account, name] = STACK_ARN.exec(text) ?? [];
  return region === undefined || account === undefined || name === undefined
    ? null
    : { account, region, name };
}

/** The region in a stack's ARN; null for any other stage. */
export function regionOfStackArn(stage: string): string | null {
  return stackArnOf(stage)?.region ?? null;
}

/** Why a text is no stage, as a sentence without its subject; null when it is one. */
export function stageProblem(value: string): string | null {
  if (value === 'local' || STACK_NAME.test(value) || STACK_ARN.test(value)) return null;
  if (WEB_SOCKET.test(value)) return urlProblem(value);
  if (value === '') return "must be 'local', the name of a stack, or a ws:// or wss:// URL";
  const shown = maskedAddress(value);
  if (/^https?:\/\//i.test(value)) return `'${shown}' must start with ws:// or wss://`;
  return `'${shown}' is neither 'local', nor a ws:// or wss:// URL, nor the name of a stack (a letter, then letters, digits and dashes, at most 128) or its ARN`;
}

function urlProblem(value: string): string | null {
  if (!URL.canParse(value)) return `'${maskedAddress(value)}' is not a URL`;
  const { username, password, hash } = new URL(value);
  if (username !== '' || password !== '')
    return "holds a password, which would be written down; send it with --header 'Authorization: …'";
  return hash === '' ? null : `'${maskedAddress(value)}' has a fragment, which WebSocket URLs can't have`;
}
