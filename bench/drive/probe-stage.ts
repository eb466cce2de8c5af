/** What a stage needs to show before it is driven, by its kind: a connection, an echo, or an answer of every shard. */

import { OperatingError } from '../model/failure.ts';
import type { Plan } from '../model/plan.ts';
import { addressWith, redactorOf } from '../model/secrets.ts';
import type { Clock, Dialer, Stage, Waiting } from '../ports.ts';
import { ECHO_WITHIN_MS, type ProbeOutcome, probe } from './probe.ts';
import { readied } from './readiness.ts';

/** No connection opened, or the run was stopped before anything was measured: there is nothing to report. */
export class NothingMeasured extends OperatingError {}

export interface StageProbing {
  readonly plan: Pick<Plan, 'payloadBytes' | 'trace'>;
  readonly stage: Pick<Stage, 'facts' | 'readiness' | 'echoWithinMs'>;
  readonly dialer: Dialer;
  readonly clock: Clock;
  /** Of the run that follows: the probe's messages carry another, made from it. */
  readonly runId: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Query of the stage's URL, which its facts have masked. */
  readonly query?: string;
  readonly interrupted: AbortSignal;
  readonly observer: { waiting?(waiting: Waiting): void };
}

/** Probes the stage. Rejects with {@link ProbeError} where it can't be driven, with {@link NothingMeasured} when interrupted. */
export async function probeStage(options: StageProbing): Promise<ProbeOutcome> {
  const { plan, stage, dialer, clock, runId, headers, query = '' } = options;
  const { readiness, echoWithinMs } = stage;
  const common = {
    url: addressOf(options),
    redact: redactorOf({ query, headers }),
    dialer,
    clock,
    runId: [...runId].reverse().join(''),
    interrupted: options.interrupted,
    waiting: (waiting: Waiting) => options.observer.waiting?.(waiting),
  };
  const single = {
    ...common,
    // A bare URL is only connected to, unless its stage says how long an echo may take.
    echo: stage.facts.kind !== 'url' || stage.echoWithinMs !== undefined,
    // What an unknown server makes of a message is seen by one such as it will be sent.
    ...(stage.facts.kind === 'url' ? { message: plan } : {}),
    ...(echoWithinMs === undefined ? {} : { echoWithinMs }),
  };
  const probed =
    readiness === undefined
      ? probe(single)
      : readied({ ...common, readiness, echoWithinMs: echoWithinMs ?? ECHO_WITHIN_MS });
  // The probe ends with the interruption too, and may be the first to say so.
  const stopped = rejectOn(options.interrupted);
  const ended = probed.catch((error: unknown) =>
    options.interrupted.aborted ? stopped : Promise.reject(error),
  );
  return Promise.race([ended, stopped]);
}

/** Where the stage is dialled. */
export function addressOf({ stage, query = '' }: Pick<StageProbing, 'stage' | 'query'>): string {
  return addressWith(stage.facts.url, query);
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(new NothingMeasured('interrupted before anything was measured'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
}
