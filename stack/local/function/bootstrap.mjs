// @ts-check
/**
 * Is the runtime inside an execution environment: loads the function, asks the Runtime API for events, hands back
 * answers. It is a plain Node process that runs without a loader and without this project's modules.
 *
 * Two things differ from AWS. The public address of an API of the stage leads to its loopback port, in the clear,
 * because the same code is deployed as it is. And no other machine can be reached: a benchmark of a local stage must
 * not leave the machine, and a function that tries to should say so at once. That is a guard against mistakes, not
 * against malice: the code is the user's own.
 */
import { readSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { createRequire } from 'node:module';
import net from 'node:net';
import { join } from 'node:path';
import { awslambda, failureOf, handlerIn, invoke, loadErrorOf, rejectionOf } from './invocation.mjs';

/** @typedef {{ host: string, port: number }} ApiAddress */

/** Descriptors that the stage gave: HTTP with the Runtime API, and one that ends when the stage does. */
const RUNTIME_API = 3;
const LIFELINE = 4;

const runtime = (process.env.AWS_EXECUTION_ENV ?? '').replace('AWS_Lambda_', '');
const runtimeApi = process.env.AWS_LAMBDA_RUNTIME_API ?? '';
const basePath = `${runtimeApi.slice(runtimeApi.indexOf('/'))}/2018-06-01/runtime`;

/** The event under way, so that a crash can be reported against it. @type {string | null} */
let currentRequestId = null;

/** Run when the code has nothing left to wait for. @type {(() => void) | null} */
let emptyLoopTask = null;

/**
 * A request to the Runtime API. It blocks, and so does everything else here: while the runtime waits for the next event,
 * nothing that an earlier one left behind goes on, as in an environment that Lambda has frozen; and no socket of the
 * runtime's keeps the event loop from being empty.
 * @param {string} method
 * @param {string} path
 * @param {string | null} body
 */
function call(method, path, body) {
  const about =
    body === null ? '' : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
  const head = `${method} ${basePath}${path} HTTP/1.1\r\nhost: localhost\r\n${about}\r\n`;
  try {
    writeFileSync(RUNTIME_API, head + (body ?? ''));
    return answer();
  } catch {
    // The stage is gone, and so is the reason to live.
    return process.exit(0);
  }
}

/** Reads one response: a head, and a body of its content-length. */
function answer() {
  let bytes = Buffer.alloc(0);
  let end = -1;
  while (end < 0) {
    bytes = Buffer.concat([bytes, received(65_536)]);
    end = bytes.indexOf('\r\n\r\n');
  }
  const lines = bytes.toString('latin1', 0, end).split('\r\n').slice(1);
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  );
  const parts = [bytes.subarray(end + 4)];
  let missing = Number(headers['content-length']) - bytes.length + end + 4;
  for (; missing > 0; missing -= parts.at(-1)?.length ?? 0) parts.push(received(missing));
  return { headers, body: Buffer.concat(parts).toString() };
}

/** @param {number} most */
function received(most) {
  const bytes = Buffer.allocUnsafe(most);
  const count = readSync(RUNTIME_API, bytes);
  if (count === 0) throw new Error('the stage is gone');
  return bytes.subarray(0, count);
}

/** What is printed is printed before the answer is sent, and before the process ends, however much it is. */
function printAtOnce() {
  for (const stream of [process.stdout, process.stderr]) {
    const { _handle } = /** @type {{ _handle?: { setBlocking?: (blocks: boolean) => void } }} */ (
      /** @type {unknown} */ (stream)
    );
    _handle?.setBlocking?.(true);
  }
}

/** Ends the process with the stage, even while a handler runs. The socket does not keep the function's event loop alive. */
function endWithStage() {
  const lifeline = new net.Socket({ fd: LIFELINE });
  lifeline.on('error', () => {});
  lifeline.on('close', () => process.exit(0));
  lifeline.resume().unref();
}

/** @param {readonly ApiAddress[]} addresses */
function redirectApis(addresses) {
  const portOf = (/** @type {string} */ name) =>
    addresses.find(({ host }) => name === host || name.endsWith(`.${host}`))?.port;
  const connectSecurely = https.Agent.prototype.createConnection;
  /** @type {typeof connectSecurely} */
  https.Agent.prototype.createConnection = function (options, callback) {
    const port = portOf(String(options.host));
    if (port === undefined) return connectSecurely.call(this, options, callback);
    return net.connect({ host: '127.0.0.1', port, noDelay: true });
  };
}

function keepOnThisMachine() {
  const connect = net.Socket.prototype.connect;
  /** @param {unknown[]} args */
  net.Socket.prototype.connect = function (...args) {
    const host = hostOf(args);
    if (isLoopback(host)) return connect.apply(this, /** @type {Parameters<typeof connect>} */ (args));
    const message = `${host} can't be reached: functions of the local stage reach only its own APIs, over https`;
    const error = Object.assign(new Error(message), { code: 'ENETUNREACH', syscall: 'connect', host });
    process.nextTick(() => this.destroy(error));
    return this;
  };
}

/**
 * The host of a connect call in any of its forms; Node passes its own normalised list of arguments as an array.
 * @param {unknown[]} args
 * @returns {string}
 */
function hostOf(args) {
  const first = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (typeof first === 'object' && first !== null) {
    return 'path' in first && first.path
      ? 'localhost'
      : String(('host' in first && first.host) || 'localhost');
  }
  return typeof args[1] === 'string' ? args[1] : 'localhost';
}

/** @param {string} host */
function isLoopback(host) {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** The exported function that `_HANDLER` names, `index.handler`. */
function loadHandler() {
  const name = process.env._HANDLER ?? '';
  const root = process.env.LAMBDA_TASK_ROOT ?? '';
  let exported;
  try {
    exported = createRequire(join(root, 'bootstrap.js'))(`./${name.split('.')[0]}.js`);
  } catch (error) {
    throw loadErrorOf(error);
  }
  return handlerIn(exported, name, runtime);
}

/** @param {Readonly<Record<string, string>>} headers */
function factsOf(headers) {
  const deadlineMs = Number(headers['lambda-runtime-deadline-ms']);
  return {
    awsRequestId: currentRequestId,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
}

/**
 * Waits for an event and hands it to the handler, after what earlier ones left behind and is due by now: that is the order
 * in which an environment thaws.
 * @param {import('./invocation.mjs').Handler} handler
 */
function next(handler) {
  const { headers, body } = call('GET', '/invocation/next', null);
  const requestId = headers['lambda-runtime-aws-request-id'] ?? '';
  currentRequestId = requestId;
  const end = (/** @type {string} */ path, /** @type {string} */ text) => {
    currentRequestId = null;
    call('POST', `/invocation/${requestId}/${path}`, text);
    setImmediate(next, handler);
  };
  /** @type {import('./invocation.mjs').Ends} */
  const ends = {
    succeed: (json) => end('response', json),
    fail: (error) => {
      console.error(`${requestId} Invoke Error`, error);
      end('error', JSON.stringify(failureOf(error)));
    },
    exit: process.exit,
    whenLoopIsEmpty: (task) => {
      emptyLoopTask = task;
    },
  };
  setImmediate(() => invoke(handler, JSON.parse(body), factsOf(headers), runtime, ends));
}

/**
 * What nobody caught ends the process, as on Lambda, but is reported first.
 * @param {unknown} error
 * @param {string} what
 * @param {number} status
 */
function crash(error, what, status) {
  console.error(what, error);
  const path = currentRequestId === null ? '/init/error' : `/invocation/${currentRequestId}/error`;
  call('POST', path, JSON.stringify(failureOf(error)));
  process.exit(status);
}

process.on('uncaughtException', (error) => crash(error, 'Uncaught Exception', 129));
process.on('unhandledRejection', (reason) => crash(rejectionOf(reason), 'Unhandled Promise Rejection', 128));
process.on('beforeExit', () => {
  const task = emptyLoopTask;
  emptyLoopTask = null;
  task?.();
});
endWithStage();
printAtOnce();
redirectApis(JSON.parse(process.argv[2] ?? '[]'));
keepOnThisMachine();
Object.assign(globalThis, { awslambda });
setImmediate(next, loadHandler());
