import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemClock } from '../../../bench/node/clock.ts';
import { IDEAL_PROFILE } from '../profile.ts';
import { bed, errorOf, payloadOf } from '../testing/function-bed.ts';
import { isRunning } from '../testing/stage-fixture.ts';

describe('a function', () => {
  test('answers with what its handler returns, cold the first time and in the same process the second', async () => {
    const { host, metric } = bed(`
      let calls = 0;
      exports.handler = async (event) => ({ event, pid: process.pid, calls: ++calls });`);
    const first = await host.invoke({ n: 1 });
    const second = await host.invoke({ n: 2 });
    const [one, two] = [payloadOf(first), payloadOf(second)] as {
      event: unknown;
      pid: number;
      calls: number;
    }[];
    assert.deepEqual([one?.event, two?.event, one?.calls, two?.calls], [{ n: 1 }, { n: 2 }, 1, 2]);
    assert.equal(one?.pid, two?.pid);
    assert.deepEqual(
      [first.kind === 'ok' && first.coldStart, second.kind === 'ok' && second.coldStart],
      [true, false],
    );
    assert.equal(metric('Invocations').sum, 2);
    assert.equal(metric('Errors').sum, 0);
    assert.equal(metric('ConcurrentExecutions').max, 1);
  });

  test('sees the variables Lambda gives and the template sets, and none of this process', async () => {
    process.env.SECRET_OF_THE_PARENT = 'x';
    const { host } = bed('exports.handler = async () => process.env;', {
      properties: { Environment: { Variables: { TABLE: 'messages', LIMIT: 5 } } },
    });
    const variables = payloadOf(await host.invoke({})) as Record<string, string>;
    delete process.env.SECRET_OF_THE_PARENT;
    const own = Object.keys(variables).sort();
    assert.equal(variables.SECRET_OF_THE_PARENT, undefined);
    assert.equal(variables.TABLE, 'messages');
    assert.equal(variables.LIMIT, '5');
    assert.equal(variables.AWS_REGION, 'us-east-1');
    assert.equal(variables.AWS_LAMBDA_FUNCTION_MEMORY_SIZE, '128');
    assert.equal(variables._HANDLER, 'index.handler');
    assert.ok(
      own.every((name) => /^(AWS_|LAMBDA_|_HANDLER|TZ|LANG|PATH|HOME|NODE_PATH|TABLE|LIMIT)/.test(name)),
      own.join(),
    );
  });

  test('gets a context that knows the request, the function and the time left', async () => {
    const { host } = bed(`
      exports.handler = async (event, context) => ({ ...context, left: context.getRemainingTimeInMillis() });`);
    const context = payloadOf(await host.invoke({})) as Record<string, unknown>;
    assert.match(
      String(context.awsRequestId),
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    assert.equal(context.functionName, 'bench-EchoFunction');
    assert.equal(context.memoryLimitInMB, '128');
    assert.equal(
      context.invokedFunctionArn,
      'arn:aws:lambda:us-east-1:123456789012:function:bench-EchoFunction',
    );
    assert.ok(Number(context.left) > 10_000 && Number(context.left) <= 20_000, `${context.left} ms left`);
  });

  test('that throws answers with the type and message of the error, and lives on', async () => {
    const { host, metric } = bed(`
      exports.handler = async (event) => { if (event.bad) throw new TypeError('no good'); return process.pid; };`);
    const before = payloadOf(await host.invoke({}));
    const { errorType, errorMessage } = errorOf(await host.invoke({ bad: true }));
    assert.deepEqual([errorType, errorMessage], ['TypeError', 'no good']);
    assert.equal(payloadOf(await host.invoke({})), before);
    assert.equal(metric('Errors').sum, 1);
    assert.equal(metric('Invocations').sum, 3);
  });

  test('that exits answers with Runtime.ExitError, and the next invocation starts cold', async () => {
    const { host } = bed(
      `exports.handler = async (event) => { if (event.bad) process.exit(7); return 'fine'; };`,
    );
    const { errorType, errorMessage } = errorOf(await host.invoke({ bad: true }));
    assert.equal(errorType, 'Runtime.ExitError');
    assert.match(errorMessage, /RequestId: .* Runtime exited with error: exit status 7/);
    const next = await host.invoke({});
    assert.equal(payloadOf(next), 'fine');
    assert.equal(next.kind === 'ok' && next.coldStart, true);
  });

  test('that is killed by a signal answers Runtime.ExitError and is replaced', async () => {
    const { host, metric } = bed(`
      exports.handler = async (event) => {
        if (event.bad) process.kill(process.pid, 'SIGKILL');
        return event.bad ? new Promise(() => {}) : process.pid;
      };`);
    const before = payloadOf(await host.invoke({}));
    const { errorType, errorMessage } = errorOf(await host.invoke({ bad: true }));
    assert.equal(errorType, 'Runtime.ExitError');
    assert.match(errorMessage, /RequestId: .* Runtime exited with error: signal: SIGKILL/);
    const next = await host.invoke({});
    assert.notEqual(payloadOf(next), before);
    assert.equal(next.kind === 'ok' && next.coldStart, true);
    assert.equal(metric('Errors').sum, 1);
  });

  test('that leaves a rejection unhandled reports it and loses its environment', async () => {
    const { host } = bed(`
      exports.handler = async (event) => {
        if (!event.bad) return 'fine';
        Promise.reject(new Error('nobody listens'));
        return new Promise(() => {});
      };`);
    const { errorType, errorMessage } = errorOf(await host.invoke({ bad: true }));
    assert.deepEqual(
      [errorType, errorMessage],
      ['Runtime.UnhandledPromiseRejection', 'Error: nobody listens'],
    );
    assert.equal(payloadOf(await host.invoke({})), 'fine');
  });

  test('that takes longer than its timeout is killed, even if it never yields', async () => {
    const { host, metric } = bed(
      `exports.handler = async (event) => { while (event.bad); return 'fine'; };`,
      {
        properties: { Timeout: 1 },
      },
    );
    assert.equal(payloadOf(await host.invoke({})), 'fine');
    const { errorType, errorMessage, durationMs } = errorOf(await host.invoke({ bad: true }));
    assert.equal(errorType, 'Sandbox.Timedout');
    assert.match(errorMessage, /Task timed out after 1\.00 seconds/);
    assert.ok(durationMs >= 999, `${durationMs} ms`);
    assert.equal(metric('Errors').sum, 1);
  });

  test('that cannot be loaded answers every invocation with the reason', async () => {
    const { host, lines } = bed(`require('left-out-of-this-machine'); exports.handler = async () => 1;`);
    for (let attempt = 0; attempt < 2; attempt++) {
      const { errorType, errorMessage, coldStart } = errorOf(await host.invoke({}));
      assert.equal(errorType, 'Runtime.ImportModuleError');
      assert.match(errorMessage, /left-out-of-this-machine/);
      assert.equal(coldStart, true);
    }
    assert.match(lines.join('\n'), /left-out-of-this-machine/);
  });

  test('without the named handler says so', async () => {
    const { host } = bed('exports.other = async () => 1;');
    assert.equal(errorOf(await host.invoke({})).errorType, 'Runtime.HandlerNotFound');
  });

  test('that needs more memory than it has crashes', async () => {
    const { host } = bed(`
      exports.handler = async () => { const kept = []; for (;;) kept.push(new Array(1e5).fill({})); };`);
    assert.match(
      errorOf(await host.invoke({})).errorMessage,
      /Runtime exited with error: (signal|exit status)/,
    );
  });

  test('runs one event per environment, throttles beyond its reserved concurrency, and counts that as neither', async () => {
    const { host, metric } = bed(
      'exports.handler = async () => { await new Promise((r) => setTimeout(r, 200)); return process.pid; };',
      { properties: { ReservedConcurrentExecutions: 2 } },
    );
    const results = await Promise.all([host.invoke({}), host.invoke({}), host.invoke({})]);
    assert.deepEqual(
      results.map((result) => result.kind),
      ['ok', 'ok', 'throttled'],
    );
    assert.notEqual(payloadOf(results[0]!), payloadOf(results[1]!));
    assert.deepEqual([metric('Invocations').sum, metric('Errors').sum, metric('Throttles').sum], [2, 0, 1]);
    assert.equal(metric('ConcurrentExecutions').max, 2);
  });

  test('takes the environment that was used last', async () => {
    const { host } = bed(
      'exports.handler = async (event) => { await new Promise((r) => setTimeout(r, event.ms)); return process.pid; };',
    );
    const finished: unknown[] = [];
    const run = (ms: number) => host.invoke({ ms }).then((result) => finished.push(payloadOf(result)));
    await Promise.all([run(1), run(200)]);
    assert.notEqual(finished[0], finished[1]);
    assert.equal(payloadOf(await host.invoke({ ms: 1 })), finished[1]);
  });

  test('gives another environment the event when the free one has died', async () => {
    const { host } = bed('exports.handler = async () => process.pid;');
    const pid = Number(payloadOf(await host.invoke({})));
    process.kill(pid, 'SIGKILL');
    // A killed process takes a moment to be gone; an event handed to it meanwhile is lost with it, as it is on AWS.
    while (isRunning(pid)) await nextTurn();
    const next = await host.invoke({});
    assert.notEqual(payloadOf(next), pid);
  });

  test('adds the latencies of the profile, and leaves them out of Duration', async () => {
    const fixed = (ms: number) => ({ kind: 'lognormal', p50Ms: ms, p99Ms: ms }) as const;
    const profile = {
      ...IDEAL_PROFILE,
      latency: { ...IDEAL_PROFILE.latency, invoke: fixed(50), coldStart: fixed(600) },
    };
    const { host } = bed('exports.handler = async () => 1;', { profile });
    const timed = async () => {
      const startedMs = systemClock.now();
      const result = await host.invoke({});
      return {
        tookMs: systemClock.now() - startedMs,
        durationMs: result.kind === 'ok' ? result.durationMs : -1,
      };
    };
    const cold = await timed();
    const warm = await timed();
    assert.ok(cold.tookMs > 648 && cold.durationMs < cold.tookMs - 648, JSON.stringify(cold));
    assert.ok(warm.tookMs > 49 && warm.durationMs < warm.tookMs - 49, JSON.stringify(warm));
  });

  test('has what it prints passed on, and what is too much counted', async () => {
    const { host, lines } = bed(`
      exports.handler = async () => { for (let n = 0; n < 50; n++) console.log('line ' + n); };`);
    await host.invoke({});
    await host.close();
    assert.equal(lines[0], 'bench-EchoFunction: line 0');
    const left = /\((\d+) lines left out\)/.exec(lines.at(-1) ?? '')?.[1];
    assert.equal(lines.length - 1 + Number(left), 50);
  });

  test('is gone after close: processes, directory, and the wish to run', async () => {
    const { host } = bed(
      'exports.handler = async () => ({ pid: process.pid, root: process.env.LAMBDA_TASK_ROOT });',
    );
    const { pid, root } = payloadOf(await host.invoke({})) as { pid: number; root: string };
    assert.equal(existsSync(root), true);
    await host.close();
    assert.equal(existsSync(root), false);
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    assert.deepEqual(await host.invoke({}), { kind: 'throttled' });
  });

  test('that answers with more than 6 MB has failed, and lives on', async () => {
    const { host } = bed(
      `exports.handler = async ({ mb }) => (mb ? 'x'.repeat(mb * 2 ** 20) : process.pid);`,
    );
    const before = payloadOf(await host.invoke({}));
    assert.equal(errorOf(await host.invoke({ mb: 7 })).errorType, 'Function.ResponseSizeTooLarge');
    assert.equal(payloadOf(await host.invoke({})), before);
  });

  test('may use callbacks before nodejs24.x and not after', async () => {
    const source = 'exports.handler = (event, context, callback) => callback(null, event.n + 1);';
    assert.equal(payloadOf(await bed(source).host.invoke({ n: 1 })), 2);
    const { host } = bed(source, { properties: { Runtime: 'nodejs24.x' } });
    assert.equal(errorOf(await host.invoke({ n: 1 })).errorType, 'Runtime.CallbackHandlerDeprecated');
  });

  test('of a kind that does not run here is refused with every reason', () => {
    const properties = { Runtime: 'python3.13', Handler: 'app.main', Code: { S3Bucket: 'b', S3Key: 'k' } };
    assert.throws(
      () => bed('', { properties }),
      (error: Error) => {
        return ['EchoFunction', 'Runtime: must be one of nodejs18.x', 'index.NAME', 'ZipFile'].every((part) =>
          error.message.includes(part),
        );
      },
    );
  });
});
