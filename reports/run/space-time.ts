/**
 * A violation as a space-time diagram: lanes for the places a message passes, time running down, and a path for each of
 * the two messages (or two answers) that make the violation what it is. This file says what is to be drawn and says it
 * in words too; space-time-drawing.ts draws. Lanes between the clients are there only where both their times are known,
 * and what is known of one message alone is drawn for that one.
 */
import type { Violation, WitnessHops } from '../../bench/model/violation.ts';
import { amountText, countText, durationText, momentText } from '../figures.ts';

/** A place on the way, in the order a message passes them; `answered` is the client again. */
export type Place = 'sent' | 'stream' | 'started' | 'posted' | 'answered';

/** A message at a place. */
export interface Stop {
  readonly place: Place;
  /** Since the start of measurement. */
  readonly atMs: number;
}

/** A message's way. */
export interface Path {
  /** What it is called: a sequence number, "first answer". */
  readonly name: string;
  /** `early` is as it should be, `late` is what went wrong. They differ by dash as well as by colour. */
  readonly tone: 'early' | 'late';
  readonly stops: readonly Stop[];
  /** Of a lost message: how long it was waited for after its send; null when that is not known. Left out of all others. */
  readonly waitedMs?: number | null;
}

/** What is to be drawn. */
export interface SpaceTime {
  readonly title: string;
  /** What happened, one to three sentences. */
  readonly caption: string;
  readonly isTraced: boolean;
  readonly paths: readonly Path[];
  /** The part of the way on which order was lost or a message doubled. */
  readonly culprit: 'ingest' | 'delivery' | null;
  /** Time zero of the labels: the first send, or the first thing known. Since the start of measurement. */
  readonly originMs: number;
}

type Reordered = Extract<Violation, { kind: 'reordered' }>;
type Duplicated = Extract<Violation, { kind: 'duplicated' }>;
type Lost = Extract<Violation, { kind: 'lost' }>;

/**
 * The diagram of a violation, with `waitingMs` as the result states it for losses. Null where there is nothing to draw:
 * of an unexpected arrival nothing but its arrival is known, of a duplicate whose first answer is forgotten hardly more.
 */
export function spaceTimeOf(violation: Violation, waitingMs: number | null): SpaceTime | null {
  switch (violation.kind) {
    case 'reordered':
      return overtaking(violation);
    case 'duplicated':
      return doubling(violation);
    case 'lost':
      return loss(violation, waitingMs);
    case 'unexpected':
      return null;
  }
}

function overtaking(violation: Reordered): SpaceTime {
  const { stream, sequence, sentMs, arrivedMs, overtakenBy, where } = violation;
  const sent = amountText(overtakenBy.sentMs - sentMs);
  const arrived = amountText(arrivedMs - overtakenBy.arrivedMs);
  const paths: Path[] = [
    { name: String(sequence), tone: 'late', stops: stopsOf(sentMs, violation.hops, arrivedMs) },
    {
      name: String(overtakenBy.sequence),
      tone: 'early',
      stops: stopsOf(overtakenBy.sentMs, overtakenBy.hops, overtakenBy.arrivedMs),
    },
  ];
  return {
    title: `Stream ${stream}: ${overtakenBy.sequence} overtook ${sequence}`,
    caption: `Stream ${stream}: ${overtakenBy.sequence} was sent ${sent} ms after ${sequence} and arrived ${arrived} ms before it. ${whereText(where)}`,
    paths,
    culprit: where === 'unknown' ? null : where,
    ...frameOf(paths),
  };
}

function whereText(where: Reordered['where']): string {
  if (where === 'unknown') return 'Where it overtook is not known.';
  return where === 'ingest'
    ? 'It overtook before the stream.'
    : 'It overtook after the stream, in function or delivery.';
}

function doubling(violation: Duplicated): SpaceTime | null {
  const { stream, sequence, arrivedMs, sentMs, firstArrivedMs, hops, firstHops } = violation;
  if (firstArrivedMs === undefined) return null;
  const paths: Path[] = [
    { name: 'first', tone: 'early', stops: stopsOf(sentMs, firstHops, firstArrivedMs) },
    { name: 'again', tone: 'late', stops: stopsOf(sentMs, hops, arrivedMs) },
  ];
  const culprit = culpritOf(hops, firstHops);
  return {
    title: `Stream ${stream}: ${sequence} was answered twice`,
    caption: `Stream ${stream}: the answer to ${sequence} arrived again ${amountText(arrivedMs - firstArrivedMs)} ms after the first. ${doublingPlace(culprit)}`,
    paths,
    culprit,
    ...frameOf(paths),
  };
}

/** One record answered twice was doubled after the stream; two records of one message before it. */
function culpritOf(one: WitnessHops | undefined, other: WitnessHops | undefined): SpaceTime['culprit'] {
  if (one === undefined || other === undefined) return null;
  return one.shard === other.shard && one.record === other.record ? 'delivery' : 'ingest';
}

function doublingPlace(culprit: SpaceTime['culprit']): string {
  if (culprit === null) return 'Where it was doubled is not known.';
  return culprit === 'ingest'
    ? 'The stream held it twice, so it was doubled before the stream.'
    : 'Both answer the same record, so it was doubled after the stream.';
}

function loss({ stream, sequence, sentMs }: Lost, waitingMs: number | null): SpaceTime {
  const stops: Stop[] = [{ place: 'sent', atMs: sentMs }];
  const paths: Path[] = [{ name: String(sequence), tone: 'late', stops, waitedMs: waitingMs }];
  const waited = waitingMs === null ? '' : `, though one was awaited for at least ${durationText(waitingMs)}`;
  return {
    title: `Stream ${stream}: ${sequence} was lost`,
    caption: `Stream ${stream}: ${sequence} was sent ${momentText(sentMs)} ms into the measurement, and no answer came${waited}. Where it was lost is not known.`,
    paths,
    culprit: null,
    ...frameOf(paths),
  };
}

function stopsOf(sentMs: number | undefined, hops: WitnessHops | undefined, answeredMs: number): Stop[] {
  const between: Stop[] =
    hops === undefined
      ? []
      : [
          { place: 'stream', atMs: hops.arrivedMs },
          { place: 'started', atMs: hops.startedMs },
          { place: 'posted', atMs: hops.postedMs },
        ];
  const send: Stop[] = sentMs === undefined ? [] : [{ place: 'sent', atMs: sentMs }];
  return [...send, ...between, { place: 'answered', atMs: answeredMs }];
}

function frameOf(paths: readonly Path[]): Pick<SpaceTime, 'isTraced' | 'originMs'> {
  const stops = paths.flatMap((path) => path.stops);
  const sends = stops.filter(({ place }) => place === 'sent');
  return {
    isTraced: stops.some(({ place }) => place === 'stream'),
    originMs: Math.min(...(sends.length > 0 ? sends : stops).map(({ atMs }) => atMs)),
  };
}

/** What a stop is called in a table or sentence. */
export const PLACE_NAMES: Readonly<Record<Place, string>> = {
  sent: 'sent',
  stream: 'in the stream',
  started: 'function started',
  posted: 'answer posted',
  answered: 'arrived',
};

/** Times of a diagram as text, with as many decimals as it takes to tell neighbours apart, and three at most. */
export function timeText({ paths, originMs }: SpaceTime): (atMs: number) => string {
  const times = paths.flatMap(({ stops }) => stops.map(({ atMs }) => atMs)).toSorted((a, b) => a - b);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  const smallest = Math.min(...gaps.filter((gap) => gap >= 0.0005));
  const decimals = smallest >= 0.1 ? 1 : smallest >= 0.01 ? 2 : 3;
  return (atMs) => {
    const [whole = '0', fraction = ''] = Math.abs(atMs - originMs)
      .toFixed(decimals)
      .split('.');
    const sign = atMs - originMs < -0.5 * 10 ** -decimals ? '−' : '';
    return `${sign}${countText(Number(whole))}.${fraction}`;
  };
}
