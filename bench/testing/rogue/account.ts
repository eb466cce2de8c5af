/**
 * What a rogue server did, worked out from nothing but its log of what came in and what it wrote, per socket and in order.
 * It is brute force on purpose: every arrival is held against every earlier one, as the definitions of RFC 4737 (sections
 * 3.3, 4.2 and 5) read, without any of the ledger's shortcuts. The ledger of the driver has to come to the same, message
 * by message.
 */

/** What was written on a socket: the number of a message of its stream, or the kind of anything else. */
export type Written = number | string;

/** One connection as the server saw it. */
export interface ConnectionLog {
  readonly stream: number;
  /** Numbers that came in, in order. */
  readonly received: readonly number[];
  readonly written: readonly Written[];
  /** Whether the server ended it while the run went on. */
  readonly killed: boolean;
}

/** What became of one stream. */
export interface StreamAccount {
  readonly stream: number;
  readonly sent: number;
  readonly delivered: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly lost: number;
  readonly indeterminate: number;
  readonly unexpected: Readonly<Record<string, number>>;
  /** One line per violation, in no particular order: kind, stream, number or kind, extent. */
  readonly violations: readonly string[];
  /** Of each reordered message: RFC 4737's extent (4.2) and n (5). */
  readonly extents: readonly number[];
  readonly degrees: readonly number[];
}

/** First arrivals before a late one that have higher numbers: since the earliest of them, and right before it. */
function lateness(before: readonly number[], sequence: number): { extent: number; degree: number } | null {
  const earliest = before.findIndex((earlier) => earlier > sequence);
  if (earliest === -1) return null;
  let degree = 0;
  while (degree < before.length && before[before.length - 1 - degree]! > sequence) degree++;
  return { extent: before.length - earliest, degree };
}

/** The account of one connection. */
export function accountOf({ stream, received, written, killed }: ConnectionLog): StreamAccount {
  const sent = new Set(received);
  const first: number[] = [];
  const unexpected: Record<string, number> = {};
  const violations: string[] = [];
  const late: { extent: number; degree: number }[] = [];
  let duplicated = 0;
  for (const what of written) {
    const kind = typeof what === 'string' ? what : sent.has(what) ? null : 'unsent';
    if (kind !== null) {
      unexpected[kind] = (unexpected[kind] ?? 0) + 1;
      violations.push(`unexpected ${stream} ${kind}`);
    } else if (first.includes(what as number)) {
      duplicated++;
      violations.push(`duplicated ${stream} ${what}`);
    } else {
      const found = lateness(first, what as number);
      if (found !== null) {
        late.push(found);
        violations.push(`reordered ${stream} ${what} ${found.extent}`);
      }
      first.push(what as number);
    }
  }
  const missing = received.filter((sequence) => !first.includes(sequence));
  if (!killed) violations.push(...missing.map((sequence) => `lost ${stream} ${sequence}`));
  return {
    stream,
    sent: received.length,
    delivered: first.length,
    duplicated,
    reordered: late.length,
    lost: killed ? 0 : missing.length,
    indeterminate: killed ? missing.length : 0,
    unexpected,
    violations,
    extents: late.map(({ extent }) => extent),
    degrees: late.map(({ degree }) => degree),
  };
}

/** What the server prints at its end. */
export interface RogueTally {
  /** How often it did what, by the name of the act. */
  readonly acts: Readonly<Record<string, number>>;
  /** Messages that came in unsound: the driver's fault, should there be any. */
  readonly unsound: number;
  readonly streams: readonly StreamAccount[];
}
