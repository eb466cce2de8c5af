/**
 * Runs the inline code of a template's function by itself, for tests of that code: in a Node process of its own, with
 * the environment Lambda would give it and no other, and with the AWS SDK found the way Lambda's runtime provides it.
 * There is no Runtime API here; an invocation is one message to the process and one back.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What an invocation answered and wrote to the log. */
export interface Answer {
  readonly result: unknown;
  /** Message of what the handler threw; null when it returned. */
  readonly thrown: string | null;
  readonly log: readonly string[];
}

export interface InlineFunction {
  /** Invokes the handler with `remainingMs` on its clock. One invocation at a time, as in Lambda. */
  invoke(event: unknown, remainingMs?: number): Promise<Answer>;
  close(): Promise<void>;
}

const NODE_MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url));
/** Enough that no test meets it by accident. */
const REMAINING_MS = 30_000;

/** Replaces console.log, because a pipe and a message would not arrive in a known order. */
const RUNNER = `
const log = [];
console.log = (line) => log.push(String(line));
const { handler } = require('./index.js');
process.on('message', async ({ event, remainingMs, requestId }) => {
  const endMs = Date.now() + remainingMs;
  const context = { awsRequestId: requestId, getRemainingTimeInMillis: () => endMs - Date.now() };
  const outcome = await handler(event, context).then(
    (result) => ({ result, thrown: null }),
    (error) => ({ result: null, thrown: String(error) }),
  );
  process.send({ ...outcome, log: log.splice(0) });
});
process.send('ready');
`;

/** Starts a process with the code as its index.js. Answers when the code has been loaded. */
export async function startInlineFunction(
  zipFile: string,
  environment: Readonly<Record<string, string>>,
): Promise<InlineFunction> {
  const folder = await mkdtemp(join(tmpdir(), 'inline-function-'));
  await writeFile(join(folder, 'index.js'), zipFile);
  await writeFile(join(folder, 'runner.js'), RUNNER);
  const child = fork(join(folder, 'runner.js'), {
    cwd: folder,
    execArgv: [],
    env: {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      NODE_PATH: NODE_MODULES,
      ...environment,
    },
  });
  await reply(child);
  return new ChildFunction(child, folder);
}

class ChildFunction implements InlineFunction {
  readonly #child: ChildProcess;
  readonly #folder: string;
  #invocations = 0;

  constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
  }

  async invoke(event: unknown, remainingMs: number = REMAINING_MS): Promise<Answer> {
    const answer = reply(this.#child);
    this.#invocations++;
    this.#child.send({ event, remainingMs, requestId: `request-${this.#invocations}` });
    return (await answer) as Answer;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await exited;
    }
    await rm(this.#folder, { recursive: true });
  }
}

/** The next message of the process; an error if it ends instead. */
function reply(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void =>
      reject(new Error(`the function's process ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message);
    });
  });
}
