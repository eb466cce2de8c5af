/** Checks that several steps make. A check's words hold either way: they say what was seen, not what was hoped for. */
import type { RunResult } from '../../bench/model/result.ts';
import type { SweepResult } from '../../bench/model/sweep.ts';
import type { AwsView, Check, Seen } from './step.ts';

/** Of every run: what is rehearsed is no latency. */
export const LOAD = ['--warmup', '0s', '--drain', '2s', '--no-calibration'];

/** Whether a stack is there in such a state. */
export async function hasStack(aws: AwsView, name: string, status: string): Promise<boolean> {
  return (await aws.stacks()).some((seen) => seen.startsWith(`${name} ${status}`));
}

/** The exit code is one of these. */
export function exited({ code }: Seen, ...codes: readonly number[]): Check {
  return [code === null ? 'killed' : `exit code ${code}`, code !== null && codes.includes(code)];
}

/** A run ended: 4 says that this machine was too busy for its latencies to count, which they do not here. */
export function ran(seen: Seen): Check {
  return exited(seen, 0, 4);
}

/** It said something of the kind; `what` names it. */
export function said({ text }: Seen, what: string, pattern: RegExp): Check {
  const isSaid = pattern.test(text);
  return [isSaid ? `it said ${what}` : `it did not say ${what}`, isSaid];
}

/** Stacks whose names begin so are these and no others. */
export function stacksAre({ stacks }: Seen, prefix: string, ...expected: readonly string[]): Check {
  const found = stacks.filter((stack) => stack.startsWith(prefix));
  const isSame = found.join() === expected.join();
  return [found.length === 0 ? `no stack ${prefix}… is left` : `there is ${found.join(' and ')}`, isSame];
}

/** One stack's name begins so, and its status is of the kind. */
export function stackIs({ stacks }: Seen, prefix: string, status: RegExp): Check {
  const found = stacks.filter((stack) => stack.startsWith(prefix));
  return [found.join(' and ') || `no stack ${prefix}…`, found.length === 1 && status.test(found[0]!)];
}

export function resultOf({ file }: Seen): RunResult {
  return file as RunResult;
}

export function sweepOf({ file }: Seen): SweepResult {
  return file as SweepResult;
}

/** Nothing of what was measured is missing. */
export function lostNothing(seen: Seen): Check {
  const { scheduled, delivered, lost } = resultOf(seen).messages;
  return [
    `${delivered} of ${scheduled} messages delivered, ${lost} lost`,
    lost === 0 && scheduled > 0 && delivered === scheduled,
  ];
}
