/**
 * A function without a process, for the virtual clock: the profile's invocation latency and what a local process adds to
 * it. The calibration is fitted with it, so that the local figure with a real process comes out at the published one.
 */
import type { Clock, Random } from '../../../../bench/ports.ts';
import type { FunctionHost } from '../../ports.ts';
import type { Profile } from '../../profile.ts';
import { sampler } from '../../profile.ts';
import type { FunctionReport } from './pipeline.ts';

/**
 * What a machine adds to the modelled latencies: three timers that run at whole milliseconds, and the hop to the
 * function's process. With it, figures of the real clock on two cores came out within 3 % of the simulated ones.
 */
export const MACHINE_MS = 3;

export interface ModelledFunctionOptions {
  readonly profile: Profile;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: (report: FunctionReport) => void;
}

interface Event {
  readonly Records: readonly { readonly kinesis: { readonly data: string } }[];
}

/** Reports each invocation at the moment a real function's handler would start, and answers then. */
export function modelledFunction({ profile, clock, random, report }: ModelledFunctionOptions): FunctionHost {
  const drawInvoke = sampler(profile.latency.invoke, random);
  return {
    functionName: 'modelled',
    invoke: (event) =>
      new Promise((resolve) => {
        clock.at(clock.now() + drawInvoke() + MACHINE_MS, () => {
          report({
            startedEpochMs: clock.epochAt(clock.now()),
            messages: messagesOf(event),
            coldStart: false,
          });
          resolve({ kind: 'ok', payload: null, durationMs: 0, coldStart: false });
        });
      }),
    close: () => Promise.resolve(),
  };
}

function messagesOf(event: unknown): number[] {
  return (event as Event).Records.map(({ kinesis }) =>
    Number(Buffer.from(kinesis.data, 'base64').toString()),
  );
}
