/**
 * Names, resolved once for all connections that are dialled within a few seconds. Every dial would ask the system by itself
 * otherwise: thousands of questions that wait in the four threads that Node has for them, that resolvers answer with errors
 * when they come too fast, and whose time would be measured as the stage's. The addresses are taken in turn, as the server's
 * names mean them to be; a failure is kept for nobody.
 */
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** As long as an answer is used: short against a record's usual 60 s, so that addresses that go are left soon. */
const KEPT_MS = 5_000;

type Resolve = (
  name: string,
  options: LookupOptions & { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

interface Entry {
  readonly untilMs: number;
  readonly addresses: Promise<LookupAddress[]>;
  turn: number;
}

/** A lookup for sockets with a memory of its own. `nowMs` and `resolve` are the system's unless told otherwise. */
export function cachedLookup(
  nowMs: () => number = () => performance.now(),
  resolve: Resolve = lookup,
): LookupFunction {
  const entries = new Map<string, Entry>();
  const entryOf = (name: string, { family, hints }: LookupOptions): Entry => {
    const key = `${name} ${family ?? ''} ${hints ?? ''}`;
    const known = entries.get(key);
    if (known !== undefined && nowMs() < known.untilMs) return known;
    const options = {
      all: true,
      ...(family === undefined ? {} : { family }),
      ...(hints === undefined ? {} : { hints }),
    } as const;
    const addresses = new Promise<LookupAddress[]>((answer, fail) =>
      resolve(name, options, (error, found) => (error === null ? answer(found) : fail(error))),
    );
    const entry = { untilMs: nowMs() + KEPT_MS, addresses, turn: known?.turn ?? 0 };
    entries.set(key, entry);
    addresses.catch(() => entries.delete(key));
    return entry;
  };
  return (name, options, done) => {
    const entry = entryOf(name, options);
    entry.addresses.then(
      (addresses) => {
        const at = entry.turn++ % Math.max(1, addresses.length);
        const inTurn = [...addresses.slice(at), ...addresses.slice(0, at)];
        if (options.all === true) done(null, inTurn);
        else done(null, inTurn[0]?.address ?? '', inTurn[0]?.family ?? 4);
      },
      (error: NodeJS.ErrnoException) => done(error, []),
    );
  };
}
