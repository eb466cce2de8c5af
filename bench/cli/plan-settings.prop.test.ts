/** Every plan survives its way: to a command line and back, and to a worker's file and back. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import yargs from 'yargs';
import { reproductionLines } from '../../reports/run/reproduce.ts';
import { fixture } from '../../reports/testing/fixture.ts';
import { settingsOfPlan, travelProblems } from '../fleet/fleet-plan-file.ts';
import {
  ARRIVALS,
  DISPATCHES,
  MASKINGS,
  PACINGS,
  PLAN_FIELDS,
  type Plan,
  PROFILES,
  SECRET_VALUE,
  SETTING_ROWS,
} from '../model/plan.ts';
import { writtenOf } from '../model/plan-settings.ts';
import { type PlanInput, parsePlan } from '../node/plan-file.ts';
import { verbs } from './run.ts';
import { optionsOf, settingsOf } from './verb.ts';

const NAMES = fc.stringMatching(/^[\w.-]{1,20}$/);
const MS = fc.integer({ min: 1000, max: 3_600_000 }).map((ms) => `${ms}ms`);
const RATE = fc.double({ min: 0.5, max: 9_999, noNaN: true }).map((rate) => Number(rate.toFixed(3)));
const TEXT = fc.stringMatching(/^[ -~]{1,20}$/);

/** What people may write about any stage, one arbitrary for each setting. */
const ANYWHERE: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  name: NAMES,
  connections: fc.integer({ min: 64, max: 1_000_000 }),
  connectRate: RATE.map((rate) => rate + 10_000),
  reconnect: fc.boolean(),
  churn: RATE,
  localAddress: fc.uniqueArray(fc.ipV4(), { maxLength: 3 }),
  warmup: MS,
  duration: MS,
  drain: MS,
  payloadBytes: fc.integer({ min: 300, max: 32_768 }),
  trace: fc.boolean(),
  threshold: fc.array(fc.constantFrom('latency.response.p99 < 250', 'messages.lost == 0'), { maxLength: 3 }),
  threads: fc.integer({ min: 1, max: 64 }),
  pacing: fc.constantFrom(...PACINGS),
  masking: fc.constantFrom(...MASKINGS),
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
};
const LOADS = fc.oneof(
  fc.record({ rate: RATE, arrival: fc.constantFrom(...ARRIVALS) }),
  fc.record({ inFlight: fc.integer({ min: 1, max: 10_000 }) }),
);
const LOCAL: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  stage: fc.constant('local'),
  parameter: fc.dictionary(fc.stringMatching(/^\w{1,9}$/), TEXT, { maxKeys: 3 }),
  template: fc.constant('stack/template.yaml'),
  profile: fc.constantFrom(...PROFILES),
  dispatch: fc.constantFrom(...DISPATCHES),
};
const REMOTE: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  stage: fc.constantFrom('wss://x.example/v1', 'my-stack'),
  header: fc
    .uniqueArray(fc.constantFrom('A', 'Authorization', 'X-1'), { maxLength: 3 })
    .map((names) => names.map((name) => `${name}: ${SECRET_VALUE}`)),
};

const plans = (places: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
  fc
    .tuple(
      fc.record({ ...ANYWHERE, ...places }, { requiredKeys: ['stage', 'connections', 'connectRate'] }),
      LOADS,
    )
    .map(([settings, load]) => parsePlan({ ...settings, ...load }, {}, { environment: null }).plan);

/** The words that a shell makes of the command that repeats a run. */
function commandOf(plan: Plan): string[] {
  const { result } = fixture('valid');
  const lines = reproductionLines({ ...result, plan });
  const script = `npm() { printf '%s\\0' "$@"; }; git() { :; }\n${lines.join('\n')}\n`;
  const words = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
  return words.slice(words.indexOf('--') + 1);
}

function planOfWords(words: readonly string[]): Plan {
  const argv = yargs(words)
    .options(optionsOf(verbs[0]!))
    .parserConfiguration({ 'camel-case-expansion': false, 'dot-notation': false, 'parse-numbers': false })
    .parseSync();
  return parsePlan({}, settingsOf(verbs[0]!.settings!, argv), { environment: null }).plan;
}

function planOfFile(settings: PlanInput): Plan {
  return parsePlan(JSON.parse(JSON.stringify(settings)) as PlanInput, {}, { environment: null }).plan;
}

test('the arbitraries leave out no setting but the region and faults, which the next tests have', () => {
  const covered = [...Object.keys({ ...ANYWHERE, ...LOCAL, ...REMOTE }), 'rate', 'arrival', 'inFlight'];
  assert.deepEqual(
    PLAN_FIELDS.filter((name) => !covered.includes(name)),
    ['region', 'faults'],
  );
});

for (const [where, places] of Object.entries({ local: LOCAL, remote: REMOTE }))
  test(`a plan for a ${where} stage survives the command line`, () => {
    fc.assert(
      fc.property(plans(places), (plan) => {
        assert.deepEqual(planOfWords(commandOf(plan)), plan);
      }),
      { numRuns: 60 },
    );
  });

test('a plan survives the file that workers get, but for the names of its headers, which are in their environment', () => {
  fc.assert(
    fc.property(plans(REMOTE), (plan) => {
      fc.pre(travelProblems(plan, 1).length === 0);
      assert.deepEqual(planOfFile(settingsOfPlan(plan)), { ...plan, headerNames: [] });
    }),
  );
});

test('a region goes with its stack, and faults stay behind', () => {
  const { plan } = parsePlan({ stage: 'my-stack', region: 'eu-west-1' }, {}, { environment: null });
  assert.deepEqual(planOfWords(commandOf(plan)), plan);
  assert.deepEqual(planOfFile(settingsOfPlan(plan)), plan);
  const faults = [{ where: 'ingest', do: 'drop', at: '1s' }];
  const faulty = parsePlan({ faults }, {}, { environment: null }).plan;
  assert.deepEqual(planOfWords(commandOf(faulty)), { ...faulty, faults: null });
});

test('what stays behind is what holds secrets or means nothing to workers; everything else travels', () => {
  const stays = SETTING_ROWS.filter(([, row]) => row.stays).map(([name]) => name);
  assert.deepEqual(stays, ['parameter', 'template', 'faults', 'header']);
  const { plan } = parsePlan({ stage: 'my-stack', region: 'eu-west-1', rate: 5 }, {}, { environment: null });
  const written = writtenOf(plan, () => true).map(([name]) => name);
  assert.deepEqual(
    Object.keys(settingsOfPlan(plan)),
    written.filter((name) => !stays.includes(name)),
  );
});
