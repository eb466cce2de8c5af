/** The production driver and the production stage on virtual time: repeatable, physical, and the same with code or model. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { NO_QUIRKS } from '../../stack/local/quirks.ts';
import { ARTICLE_TEMPLATE } from '../../stack/template/testing/article.ts';
import { summarise } from '../judge/summary.ts';
import { PLAIN_FAULT } from '../model/fault.ts';
import type { Plan } from '../model/plan.ts';
import type { RunResult } from '../model/result.ts';
import { WIRE_MS } from './link.ts';
import { asSimulated, type SimulationOptions, simulate } from './simulate.ts';
import { planWith } from './testing/plan.ts';

const TEMPLATE = readFileSync(new URL('../../stack/template.yaml', import.meta.url), 'utf8');

const SMALL = {
  connections: 8,
  warmupMs: 200,
  durationMs: 1_000,
  load: { kind: 'open', ratePerSecond: 100, arrival: 'poisson' },
  trace: true,
} as const satisfies Partial<Plan>;

async function resultOf(
  plan: Partial<Plan>,
  options: Partial<SimulationOptions> = {},
): Promise<{ result: RunResult; text: string }> {
  const { record } = await simulate({
    plan: planWith({ ...SMALL, ...plan }),
    templateText: TEMPLATE,
    templatePath: 'stack/template.yaml',
    functions: 'code',
    log: () => {},
    version: 'test',
    commit: null,
    interrupted: new AbortController().signal,
    limits: { untilMs: 600_000 },
    ...options,
  });
  const result = asSimulated(summarise(record, []));
  return { result, text: JSON.stringify([result, record.rollup.violations]) };
}

test('a seed comes to the same bytes each time, and another seed to others', async () => {
  const plan = { profile: 'aws', parameters: { Consumer: 'POLLING' } } as const;
  const first = await resultOf(plan);
  assert.equal((await resultOf(plan)).text, first.text);
  assert.notEqual((await resultOf({ ...plan, seed: 2 })).text, first.text);
  assert.equal(first.result.startedAt, '2020-01-01T00:00:00.000Z');
  assert.ok(first.result.messages.delivered > 50, `${first.result.messages.delivered} delivered`);
});

test('the model of the functions comes to the same figures as their code', async () => {
  for (const profile of ['ideal', 'aws'] as const) {
    const [code, model] = await Promise.all([
      resultOf({ profile }),
      resultOf({ profile }, { functions: 'model' }),
    ]);
    const { stage: _stage, id: codeId, ...figures } = code.result;
    const { stage: __stage, id: modelId, ...modelled } = model.result;
    assert.deepEqual(modelled, figures, profile);
    assert.notEqual(codeId, modelId, 'they are not the same run');
  }
});

test('simulations that differ in plan, seed, template or code have different ids', async () => {
  const of = async (plan: Partial<Plan>, options: Partial<SimulationOptions> = {}) =>
    (await resultOf({ durationMs: 100, warmupMs: 0, ...plan }, options)).result.id;
  const ids = await Promise.all([
    of({}),
    of({ seed: 2 }),
    of({ payloadBytes: 300 }),
    of({}, { commit: 'another' }),
    of({}, { templateText: `${TEMPLATE}\n` }),
  ]);
  assert.equal(new Set(ids).size, ids.length, ids.join());
});

test('on a stage without latency every round trip takes both ways of the wire', async () => {
  const load = { kind: 'closed', inFlight: 2 } as const;
  const { result } = await resultOf({ connections: 2, load, warmupMs: 0, durationMs: 50 });
  const { min, p50, p99, max } = result.latency.response;
  assert.deepEqual([min, p50, p99, max], Array(4).fill(2 * WIRE_MS));
  // A place is free again the moment its answer is there.
  assert.equal(result.messages.delivered, (2 * 2 * 50) / (2 * WIRE_MS));
});

test('nothing of the machine’s time and chance is used, by the product or by its functions', async () => {
  const restore = poison();
  try {
    const { result } = await resultOf({ profile: 'aws', reconnect: true, churnPerSecond: 3 });
    assert.ok(result.messages.delivered > 0, 'it ran');
  } finally {
    restore();
  }
});

/** Makes the globals that differ from run to run throw, and answers how to bring them back. */
function poison(): () => void {
  const refuse = (name: string) => () => {
    throw new Error(`${name} was used in a simulation`);
  };
  const places: [object, string][] = [
    [Date, 'now'],
    [Math, 'random'],
    [globalThis, 'setTimeout'],
    [globalThis, 'setInterval'],
    [performance, 'now'],
    [process, 'hrtime'],
    [crypto, 'randomUUID'],
    [crypto, 'getRandomValues'],
  ];
  const before = places.map(([place, name]) => [place, name, Reflect.get(place, name)] as const);
  for (const [place, name] of places) Reflect.set(place, name, refuse(name));
  const RealDate = Date;
  class TimelessDate extends RealDate {
    constructor(...given: [] | [number | string]) {
      if (given.length === 0) refuse('new Date()')();
      super(given[0]!);
    }
  }
  Object.assign(globalThis, { Date: TimelessDate });
  return () => {
    Object.assign(globalThis, { Date: RealDate });
    for (const [place, name, value] of before) Reflect.set(place, name, value);
  };
}

test('a simulated result says so, and judges no machine', async () => {
  const { result } = await resultOf({});
  const { verdict, checks } = result.validity;
  assert.equal(verdict, 'valid');
  const names = checks.map(({ name }) => name);
  assert.ok(names.includes('virtual time'), names.join());
  for (const name of ['loop delay', 'driver utilization', 'garbage collection', 'shared machine'])
    assert.ok(!names.includes(name), name);
  assert.match(result.stage.notes.join('\n'), /simulated on a virtual clock/i);
  assert.deepEqual([result.stage.kind, result.environment.node], ['local', 'simulated']);
});

test('the first published architecture runs from its own template and code', async () => {
  const { result } = await resultOf(
    { trace: false },
    { templateText: ARTICLE_TEMPLATE, templatePath: 'article.yaml' },
  );
  assert.equal(result.messages.delivered, result.messages.scheduled);
});

test('an interrupted simulation keeps what it measured', async () => {
  const controller = new AbortController();
  const { result } = await resultOf(
    { durationMs: 60_000 },
    {
      interrupted: controller.signal,
      opened: (_, clock) => clock.at(3_000, () => controller.abort()),
    },
  );
  assert.equal(result.partial, true);
  assert.ok(result.messages.delivered > 0, 'something was measured');
});

test('what a template or its parameters lack is told as problems', async () => {
  await assert.rejects(resultOf({ parameters: { ShardCount: '0', Nonsense: '1' } }), (error: unknown) => {
    const { problems } = error as { readonly problems: readonly string[] };
    assert.equal(problems.length, 2);
    return true;
  });
});

test('messages that the stream refused without a word are lost, and the metrics tell that it was the stream', async () => {
  const throttle = { ...PLAIN_FAULT, name: 'full', where: 'shard', do: 'throttle', ratio: 0.2 } as const;
  const faults = { faults: [throttle] };
  const { result: told } = await resultOf({ faults });
  assert.equal(told.messages.unexpected.gatewayError, told.messages.lost, 'each has an error frame');
  const quirks = { ...NO_QUIRKS, areIntegrationErrorsSilent: true };
  const { result } = await resultOf({ faults }, { quirks });
  const { lost, unexpected } = result.messages;
  assert.ok(lost > 5, `${lost} lost`);
  assert.deepEqual(unexpected, {});
  const all = { atLeast: lost, atMost: lost };
  assert.deepEqual(result.losses, { lost, refused: all, throttled: all });
  assert.equal(result.metrics?.complete, true, 'nothing is missing but what was refused');
  const { advice } = result.warnings.find(({ code }) => code === 'lostMessages')!;
  assert.match(
    advice,
    new RegExp(`${lost} of the ${lost} lost were refused by the stream, ${lost} over a shard's write`),
  );
});
