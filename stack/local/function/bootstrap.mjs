// @ts-check
/**
 * The runtime inside an execution environment: a plain Node process that loads the function, asks the Runtime API for
 * events one after the other and hands back answers. It must run without a loader and without this project's modules, for
 * it starts with the environment Lambda gives and nothing else.
 *
 * Two things differ from AWS, and both are about the network. A function of the template calls its API under the public
 * address, `https://ID.execute-api.REGION.amazonaws.com`, because the same code is deployed as it is; here that API is a
 * loopback port without TLS. So connections of any https agent to such a host are made in the clear to its port; what is
 * sent over them, signature and Host header included, is what AWS would get. And no other machine can be reached: a
 * benchmark of a local stage must not leave the machine, and a function that tries to should say so at once rather than
 * hang or, worse, succeed. That is a guard against mistakes, not against malice: the code is the user's own.
 */
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import net from 'node:net';
import { join } from 'node:path';

/** @typedef {{ host: string, port: number }} ApiAddress */
/** @typedef {(event: unknown, context: object, callback?: (error: unknown, result?: unknown) => void) => unknown} Handler */

const runtimeApi = process.env.AWS_LAMBDA_RUNTIME_API ?? '';
const slash = runtimeApi.indexOf('/');
const [runtimeHost, runtimePort] = runtimeApi.slice(0, slash).split(':');
const basePath = `${runtimeApi.slice(slash)}/2018-06-01/runtime`;

/** One connection, kept: a runtime has one request under way at a time. */
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

/** The event under way, so that a crash can be reported against it. @type {string | null} */
let currentRequestId = null;

/**
 * A request to the Runtime API. When it fails the stage is gone, and so is the reason to live.
 * @param {string} method
 * @param {string} path
 * @param {string | null} body
 * @returns {Promise<{ headers: http.IncomingHttpHeaders, body: string }>}
 */
function call(method, path, body) {
  return new Promise((resolve) => {
    /** @type {http.OutgoingHttpHeaders} */
    const headers =
      body === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = http.request({
      host: runtimeHost,
      port: runtimePort,
      method,
      path: basePath + path,
      headers,
      agent,
    });
    request.on('error', () => process.exit(0));
    request.on('socket', (socket) => {
      // Also while a handler runs: the stage holds the other end for as long as it lives.
      if (!request.reusedSocket) socket.on('close', () => process.exit(0));
    });
    request.on('response', (response) => {
      const chunks = /** @type {Buffer[]} */ ([]);
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', () => process.exit(0));
      response.on('end', () =>
        resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    request.end(body);
  });
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

/** The exported function that `_HANDLER` names, `index.handler`. @returns {Handler} */
function loadHandler() {
  const [file = '', ...names] = (process.env._HANDLER ?? '').split('.');
  const root = process.env.LAMBDA_TASK_ROOT ?? '';
  /** @type {unknown} */
  let found = createRequire(join(root, 'bootstrap.js'))(`./${file}.js`);
  for (const name of names) found = /** @type {Record<string, unknown>} */ (found)?.[name];
  if (typeof found === 'function') return /** @type {Handler} */ (found);
  throw Object.assign(new Error(`${process.env._HANDLER} is undefined or not exported`), {
    name: 'Runtime.HandlerNotFound',
  });
}

/**
 * What is posted when something failed. Anything can be thrown; what is no Error is shown as it is.
 * @param {unknown} error
 */
function failureOf(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  const missing = 'code' in error && error.code === 'MODULE_NOT_FOUND';
  return {
    errorType: missing ? 'Runtime.ImportModuleError' : error.name,
    errorMessage: error.message,
    trace: (error.stack ?? '').split('\n'),
  };
}

/** @param {http.IncomingHttpHeaders} headers */
function contextOf(headers) {
  const deadlineMs = Number(headers['lambda-runtime-deadline-ms']);
  return {
    awsRequestId: currentRequestId,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
}

/**
 * Runs the handler. Callbacks ended with the nodejs24.x runtime; older ones may still use them.
 * @param {Handler} handler
 * @param {unknown} event
 * @param {object} context
 * @returns {Promise<unknown>}
 */
async function handle(handler, event, context) {
  if (handler.length < 3) return handler(event, context);
  const major = Number(/nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV ?? '')?.[1]);
  if (major >= 24) {
    const message = 'callbacks are not supported from nodejs24.x on: use an async handler';
    throw Object.assign(new Error(message), { name: 'Runtime.CallbackHandlerDeprecated' });
  }
  return new Promise((resolve, reject) => {
    const returned = handler(event, context, (error, result) => (error ? reject(error) : resolve(result)));
    if (returned instanceof Promise) returned.then(resolve, reject);
  });
}

/** @param {Handler} handler */
async function serveOne(handler) {
  const { headers, body } = await call('GET', '/invocation/next', null);
  const requestId = String(headers['lambda-runtime-aws-request-id']);
  currentRequestId = requestId;
  let path = `/invocation/${requestId}/response`;
  let answer;
  try {
    answer = JSON.stringify((await handle(handler, JSON.parse(body), contextOf(headers))) ?? null);
  } catch (error) {
    path = `/invocation/${requestId}/error`;
    answer = JSON.stringify(failureOf(error));
    console.error(`${requestId} Invoke Error`, error);
  }
  currentRequestId = null;
  await call('POST', path, answer);
}

/**
 * What nobody caught ends the process, as on Lambda, but is reported first.
 * @param {unknown} error
 * @param {string | null} errorType
 */
async function crash(error, errorType) {
  console.error(errorType ?? 'Uncaught Exception', error);
  const failure = failureOf(error);
  const body = JSON.stringify(errorType === null ? failure : { ...failure, errorType });
  const path = currentRequestId === null ? '/init/error' : `/invocation/${currentRequestId}/error`;
  agent.maxSockets = 2; // The connection may be busy waiting for the next event.
  await call('POST', path, body);
  process.exit(1);
}

process.on('uncaughtException', (error) => void crash(error, null));
process.on('unhandledRejection', (reason) => void crash(reason, 'Runtime.UnhandledPromiseRejection'));
redirectApis(JSON.parse(process.argv[2] ?? '[]'));
keepOnThisMachine();
const handler = await Promise.resolve()
  .then(loadHandler)
  .catch((error) => crash(error, null));
if (handler) for (;;) await serveOne(handler);
