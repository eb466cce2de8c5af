/**
 * Witnesses of violations, as the driver writes them: every time since the start of measurement, and of traced messages
 * where they were on their way. The recorder says how many more a run keeps; beyond that only the counts go on.
 */

import type { StreamLedger } from '../measure/ledger.ts';
import type { HopStamps } from '../measure/message.ts';
import type { Recorder } from '../measure/recorder.ts';
import type { UnexpectedKind } from '../measure/second.ts';
import { excerptOf } from '../model/excerpt.ts';
import type { Redact } from '../model/secrets.ts';
import type { Violation, WitnessHops } from '../model/violation.ts';
import type { Clock } from '../ports.ts';

/** Characters of an unexpected arrival kept in its witness. */
const EXCERPT_LENGTH = 120;

type Reordered = Extract<Violation, { kind: 'reordered' }>;

export interface WitnessContext {
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly redact: Redact;
  /** Reading of the clock at the start of measurement. */
  readonly measuredFromMs: number;
}

/** An arrival that is a witness, and its stamps if it was traced. */
export interface WitnessedArrival {
  readonly ledger: StreamLedger;
  readonly sequence: number;
  readonly nowMs: number;
  readonly hops: HopStamps | null;
}

/** A time as a witness states it: whole microseconds, which is what the clock is good for. */
export function witnessMs(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

/** Of the message that the ledger has just judged to be reordered. */
export function witnessReordered(
  context: WitnessContext,
  { ledger, sequence, nowMs, hops }: WitnessedArrival,
  { where, hops: overtakerHops }: { where: Reordered['where']; hops: HopStamps | null },
): void {
  if (!context.recorder.keepsViolations) return;
  const { last } = ledger;
  const sinceMs = (timeMs: number) => witnessMs(timeMs - context.measuredFromMs);
  context.recorder.violation({
    kind: 'reordered',
    stream: ledger.stream,
    sequence,
    intendedMs: sinceMs(last.intendedMs),
    sentMs: sinceMs(last.sentMs),
    arrivedMs: sinceMs(nowMs),
    extent: last.extent,
    lateTimeMs: witnessMs(last.lateTimeMs),
    overtakenBy: {
      sequence: last.overtakerSequence,
      sentMs: sinceMs(last.overtakerSentMs),
      arrivedMs: sinceMs(last.overtakerArrivedMs),
      ...(overtakerHops === null ? {} : { hops: witnessHops(context, overtakerHops) }),
    },
    where,
    ...(hops === null ? {} : { hops: witnessHops(context, hops) }),
  });
}

/** Of the message that the ledger has just judged to be a duplicate; `firstHops` are those of its first arrival. */
export function witnessDuplicated(
  context: WitnessContext,
  { ledger, sequence, nowMs, hops }: WitnessedArrival,
  firstHops: HopStamps | null,
): void {
  if (!context.recorder.keepsViolations) return;
  const { last } = ledger;
  const sinceMs = (timeMs: number) => witnessMs(timeMs - context.measuredFromMs);
  const isForgotten = Number.isNaN(last.firstArrivedMs);
  context.recorder.violation({
    kind: 'duplicated',
    stream: ledger.stream,
    sequence,
    arrivedMs: sinceMs(nowMs),
    ...(isForgotten ? {} : { sentMs: sinceMs(last.sentMs), firstArrivedMs: sinceMs(last.firstArrivedMs) }),
    ...(hops === null ? {} : { hops: witnessHops(context, hops) }),
    ...(firstHops === null ? {} : { firstHops: witnessHops(context, firstHops) }),
  });
}

/** Of a message that never arrived. */
export function witnessLost(
  context: WitnessContext,
  stream: number,
  sequence: number,
  times: { readonly intendedMs: number; readonly sentMs: number },
): void {
  if (!context.recorder.keepsViolations) return;
  context.recorder.violation({
    kind: 'lost',
    stream,
    sequence,
    intendedMs: witnessMs(times.intendedMs - context.measuredFromMs),
    sentMs: witnessMs(times.sentMs - context.measuredFromMs),
  });
}

/** Of an arrival that is no message of the stream. */
export function witnessUnexpected(
  context: WitnessContext,
  stream: number,
  what: UnexpectedKind,
  arrival: { readonly bytes: Uint8Array; readonly nowMs: number },
): void {
  if (!context.recorder.keepsViolations) return;
  context.recorder.violation({
    kind: 'unexpected',
    stream,
    what,
    arrivedMs: witnessMs(arrival.nowMs - context.measuredFromMs),
    excerpt: excerptOf(arrival.bytes, EXCERPT_LENGTH, context.redact),
  });
}

function witnessHops({ clock, measuredFromMs }: WitnessContext, hops: HopStamps): WitnessHops {
  const fromEpochMs = clock.epochAt(measuredFromMs);
  return {
    shard: hops.shard,
    record: hops.record,
    arrivedMs: witnessMs(hops.arrivedMs - fromEpochMs),
    startedMs: witnessMs(hops.startedMs - fromEpochMs),
    postedMs: witnessMs(hops.postedMs - fromEpochMs),
  };
}
