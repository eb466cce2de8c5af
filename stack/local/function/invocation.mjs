// @ts-check
/**
 * Decides when an invocation is over, and with what, by the rules of Lambda's Node.js runtimes (aws-lambda-ric 3.3 up
 * to nodejs22.x, 4.0 from nodejs24.x). Functions in a process and in a simulation share it, in plain JavaScript
 * because a process loads it without a loader.
 *
 * Up to nodejs22.x an invocation ends with the first of: context.succeed, fail or done; a promise that the handler
 * returned; an error thrown or passed to the callback; and, once the event loop is empty, what was passed to the
 * callback, or null. A value that is no promise is ignored. `callbackWaitsForEmptyEventLoop = false` ends it with the
 * callback. From nodejs24.x there are no callbacks, and it ends with what the handler returns, awaited. Unlike with
 * AWS, a callback that is called during a later invocation is ignored.
 */

/** From this major version of the runtime on, handlers have no callback (Lambda, Node.js 24 runtime). */
const WITHOUT_CALLBACKS = 24;

/** Exit status of a process whose main promise can never settle (Node.js, process exit codes). */
const UNSETTLED_STATUS = 13;

/** @typedef {(event: unknown, context: object, callback?: (error?: unknown, result?: unknown) => void) => unknown} Handler */

/**
 * What an invocation needs of its environment. `succeed` and `fail` are called once, one of them, and then nothing else;
 * `whenLoopIsEmpty` keeps one task, to be run once when the code has nothing left to wait for, in place of the one before.
 * @typedef {object} Ends
 * @property {(json: string) => void} succeed
 * @property {(error: unknown) => void} fail
 * @property {(status: number) => void} exit
 * @property {(task: (() => void) | null) => void} whenLoopIsEmpty
 */

/** Major version in the name of a runtime, `nodejs22.x`. @param {string} runtime */
export function majorOf(runtime) {
  return Number(/nodejs(\d+)/.exec(runtime)?.[1]);
}

/**
 * The function that the module exports under the handler's name, or an error with Lambda's name for what is wrong.
 * @param {unknown} exported
 * @param {string} name `index.handler`
 * @param {string} runtime
 * @returns {Handler}
 */
export function handlerIn(exported, name, runtime) {
  const found = name
    .split('.')
    .slice(1)
    .reduce((value, key) => /** @type {Record<string, unknown>} */ (value)?.[key], exported);
  if (found === undefined || found === null)
    throw named('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  if (typeof found !== 'function') throw named('Runtime.HandlerNotFound', `${name} is not a function`);
  if (majorOf(runtime) >= WITHOUT_CALLBACKS && found.length >= 3) {
    const message =
      'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24.';
    throw named('Runtime.CallbackHandlerDeprecated', `ERROR: ${message} Use an async handler.`);
  }
  return /** @type {Handler} */ (found);
}

/**
 * Calls the handler.
 * @param {Handler} handler
 * @param {unknown} event
 * @param {object} facts the context without what ends the invocation
 * @param {string} runtime
 * @param {Ends} ends
 */
export function invoke(handler, event, facts, runtime, ends) {
  if (majorOf(runtime) >= WITHOUT_CALLBACKS) invokeAwaiting(handler, event, facts, ends);
  else invokeWithCallback(handler, event, facts, ends);
}

/**
 * @param {Handler} handler
 * @param {unknown} event
 * @param {object} facts
 * @param {Ends} ends
 */
async function invokeAwaiting(handler, event, facts, ends) {
  ends.whenLoopIsEmpty(() => ends.exit(UNSETTLED_STATUS));
  let end;
  try {
    const result = await handler(event, facts);
    end = () => reply(result, ends);
  } catch (error) {
    end = () => ends.fail(error);
  }
  ends.whenLoopIsEmpty(null);
  end();
}

/**
 * @param {Handler} handler
 * @param {unknown} event
 * @param {object} facts
 * @param {Ends} ends
 */
function invokeWithCallback(handler, event, facts, ends) {
  let isOver = false;
  let waits = true;
  /** The first way to end it is the only one. @param {(error?: unknown, result?: unknown) => void} act */
  const once =
    (act) =>
    (/** @type {unknown} */ error, /** @type {unknown} */ result = undefined) => {
      if (isOver) return;
      isOver = true;
      ends.whenLoopIsEmpty(null);
      act(error, result);
    };
  const done = once((error, result) => (isGiven(error) ? ends.fail(error) : reply(result, ends)));
  const callback = once((error, result) => {
    if (isGiven(error)) ends.fail(error);
    else if (waits) ends.whenLoopIsEmpty(() => reply(result, ends));
    else reply(result, ends);
  });
  const succeed = (/** @type {unknown} */ result) => done(null, result);
  const fail = (/** @type {unknown} */ error) => done(isGiven(error) ? error : 'handled');
  const context = {
    get callbackWaitsForEmptyEventLoop() {
      return waits;
    },
    set callbackWaitsForEmptyEventLoop(value) {
      waits = value;
    },
    succeed,
    fail,
    done,
    ...facts,
  };
  ends.whenLoopIsEmpty(() => succeed(null));
  try {
    const returned = handler(event, context, callback);
    if (isThenable(returned)) returned.then(succeed, fail);
  } catch (error) {
    callback(error);
  }
}

/** @param {unknown} error */
function isGiven(error) {
  return error !== undefined && error !== null;
}

/** @param {unknown} value @returns {value is PromiseLike<unknown>} */
function isThenable(value) {
  return typeof (/** @type {{ then?: unknown } | null | undefined} */ (value)?.then) === 'function';
}

/** Returns undefined as null; a value without JSON fails the invocation. @param {unknown} result @param {Ends} ends */
function reply(result, ends) {
  let json;
  try {
    json = JSON.stringify(result === undefined ? null : result) ?? '';
  } catch {
    ends.fail(new Error('Unable to stringify response body as json'));
    return;
  }
  ends.succeed(json);
}

/**
 * What is reported of an error. Anything can be thrown; what is no Error is shown as it is.
 * @param {unknown} error
 */
export function failureOf(error) {
  try {
    const { name, message, stack } = /** @type {Error} */ (error);
    const isError = [name, message, stack].every((part) => typeof part === 'string');
    if (!isError) return { errorType: typeof error, errorMessage: String(error), trace: [] };
    return { errorType: name, errorMessage: message, trace: (stack ?? '').split('\n') };
  } catch {
    const errorMessage = 'the error that was thrown can’t be read';
    return { errorType: 'handled', errorMessage, trace: [] };
  }
}

/** The error of code that can't be loaded, under the name that Lambda gives it. @param {unknown} error */
export function loadErrorOf(error) {
  if (error instanceof SyntaxError) return named('Runtime.UserCodeSyntaxError', String(error));
  const isMissing = error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';
  return isMissing ? named('Runtime.ImportModuleError', String(error)) : error;
}

/** The error of a rejection that nobody handles. @param {unknown} reason */
export function rejectionOf(reason) {
  return named('Runtime.UnhandledPromiseRejection', String(reason));
}

/** What the code finds as `awslambda`: streamed responses are not part of the local stage. */
export const awslambda = {
  streamifyResponse() {
    throw named(
      'Runtime.StreamingUnsupported',
      'awslambda.streamifyResponse: the local stage does not stream responses; export the handler itself',
    );
  },
};

/** @param {string} name @param {string} message */
function named(name, message) {
  return Object.assign(new Error(message), { name });
}
