/**
 * What a probe of a capacity search says: whether its rate holds, and if not, whose limit that was. A probe that the driver
 * shaped did not offer what it should have, so it is neither held nor failed. A full machine only ever makes a probe worse:
 * SLOs that are met on one hold all the more, and those that are missed say nothing about the stage.
 */
import { counted, were } from '../model/counted.ts';
import type { RunResult, ValidityCheck } from '../model/result.ts';
import type { ProbeVerdict } from './search.ts';
import { breakdown, instabilities } from './steadiness.ts';

/**
 * Who could do no more. `machine`: stage and driver share one, and it was full, or the local stage's own loop was.
 * `shard writes`: the stream refused records over its shards' write limit.
 */
export const CULPRITS = ['stage', 'shard writes', 'driver', 'machine'] as const;
export type Culprit = (typeof CULPRITS)[number];

export interface ProbeJudgement {
  readonly verdict: ProbeVerdict;
  /** Null when the rate holds. */
  readonly limitedBy: Culprit | null;
  /** Why the rate does not hold, and what points at the culprit: a clause each. */
  readonly reasons: readonly string[];
}

/** Checks that speak of the driver alone. */
const DRIVER_CHECKS = [
  'send lag',
  'loop delay',
  'driver utilization',
  'garbage collection',
  'driver ceiling',
];

/** Judges a probe. Loss fails it unless an SLO says how much is acceptable. */
export function judgeProbe(result: RunResult): ProbeJudgement {
  if (result.partial) return { verdict: 'invalid', limitedBy: null, reasons: ['it was cut short'] };
  const failures = [...brokenSlos(result), ...lossesOf(result), ...instabilities(result)];
  if (result.messages.delivered === 0) return failed('stage', ['nothing came back', ...failures]);
  const end = breakdown(result);
  if (end !== null) return failed('stage', [end, ...failures.filter((failure) => failure !== end)]);
  const driver = invalidChecks(result, DRIVER_CHECKS);
  const machine = fullMachine(result);
  if (driver.length > 0) {
    return {
      verdict: 'invalid',
      limitedBy: machine.length > 0 ? 'machine' : 'driver',
      reasons: [...driver, ...machine, ...failures],
    };
  }
  const shared = invalidChecks(result, ['shared machine']);
  if (shared.length > 0 && failures.length > 0)
    return { verdict: 'invalid', limitedBy: 'machine', reasons: [...shared, ...failures] };
  const others = result.validity.checks
    .filter(({ name, verdict }) => verdict === 'invalid' && name !== 'shared machine')
    .map(sentence);
  if (failures.length + others.length === 0) return { verdict: 'held', limitedBy: null, reasons: [] };
  return blamed(result, [...failures, ...others], machine);
}

function failed(limitedBy: Culprit, reasons: readonly string[]): ProbeJudgement {
  return { verdict: 'failed', limitedBy, reasons };
}

function blamed(result: RunResult, reasons: readonly string[], machine: readonly string[]): ProbeJudgement {
  const throttles = throttlesOf(result);
  if (throttles.length > 0) return failed('shard writes', [...reasons, ...throttles]);
  const doubts = result.validity.checks
    .filter(({ name, verdict }) => verdict === 'unknown' && DRIVER_CHECKS.includes(name))
    .map((check) => `in doubt: ${sentence(check)}`);
  return failed(machine.length > 0 ? 'machine' : 'stage', [...reasons, ...machine, ...doubts]);
}

function brokenSlos({ thresholds }: RunResult): string[] {
  return thresholds
    .filter(({ ok }) => !ok)
    .map(({ expression, value }) => `${expression}: it was ${value === null ? 'not known' : figure(value)}`);
}

/** Four digits: more is noise. */
function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function lossesOf({ messages, thresholds }: RunResult): string[] {
  const isJudged = thresholds.some(({ expression }) => /\.(lost|lossRatio)\b/.test(expression));
  return isJudged || messages.lost === 0
    ? []
    : [`${messages.lost} of ${counted(messages.sent, 'message')} ${were(messages.lost)} lost`];
}

function sentence({ name, evidence }: ValidityCheck): string {
  return `${name}: ${evidence}`;
}

function invalidChecks({ validity }: RunResult, names: readonly string[]): string[] {
  return validity.checks
    .filter(({ name, verdict }) => names.includes(name) && verdict === 'invalid')
    .map(sentence);
}

/** Signs that stage and driver used up the machine they share. */
function fullMachine({ validity, warnings }: RunResult): string[] {
  const shared = validity.checks.filter(
    ({ name, verdict, evidence }) =>
      name === 'shared machine' && verdict !== 'valid' && /share this machine; its processors/.test(evidence),
  );
  const said = warnings.filter(({ code }) => code === 'stageSaturated');
  return [...shared.map(sentence), ...said.map(({ text }) => text)];
}

/** Writes over the shards' limit (WriteProvisionedThroughputExceeded, Amazon Kinesis Data Streams metrics). */
function throttlesOf({ metrics }: RunResult): string[] {
  const writes = (metrics?.series ?? []).filter(({ id }) => /^writeThrottles/.test(id));
  const total = writes.flatMap(({ values }) => values).reduce((sum, value) => sum + value, 0);
  return total === 0 ? [] : [`the stream refused ${total} writes over its shards' limit`];
}
