/**
 * Dials client connections. Where the installed `ws` is the version whose inside {@link FramedConnection} was made for, messages
 * take its way; with any other they go through `ws`, which costs more processor time and changes no figure otherwise.
 */

import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { createRequire } from 'node:module';
import type { LookupFunction } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { isMainThread } from 'node:worker_threads';
import { SUBPROTOCOL_HEADER, subprotocolsOf } from '../model/header-lines.ts';
import type { Masking } from '../model/plan.ts';
import type { Dialer } from '../ports.ts';
import { FramedConnection } from './framed-connection.ts';
import { packageManifest } from './machine.ts';
import { Outbox } from './outbox.ts';
import { note } from './terminal.ts';
import { type DialSettings, WsConnection } from './ws-connection.ts';

/** As much as Node itself reads at once. */
const READ_BYTES = 64 * 1024;

export interface DialerOptions {
  /** Sent with each handshake. Subprotocols among them are offered as such. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Where connections come from, in turn. */
  readonly localAddresses?: readonly string[];
  /** For a server that is not trusted by its certificate. */
  readonly tls?: ConnectionOptions;
  /** Random keys where nothing is said, as RFC 6455 has it. */
  readonly masking?: Masking;
  /** Whether messages are framed here, or by `ws`. Where nothing is said the installed version decides. */
  readonly frames?: 'own' | 'ws';
}

/** A dialer whose connections must stay in the thread that made it. */
export function wsDialer(options: DialerOptions = {}): Dialer {
  const { headers = {}, localAddresses = [], tls = {}, masking = 'random', frames = usualFrames() } = options;
  const isOffer = ([name]: readonly [string, string]) => name.toLowerCase() === SUBPROTOCOL_HEADER;
  const fields = Object.entries(headers);
  const settings: DialSettings = {
    headers: Object.fromEntries(fields.filter((field) => !isOffer(field))),
    subprotocols: fields.filter(isOffer).flatMap(([, value]) => subprotocolsOf(value)),
    secrets: headers,
    redact: null,
    localAddresses,
    tls: { lookup: cachedLookup(), ...tls },
    masking,
    dialed: 0,
  };
  if (frames === 'ws') return { dial: (url, events) => new WsConnection(url, events, settings) };
  const framed = {
    ...settings,
    arrivals: Buffer.allocUnsafeSlow(READ_BYTES),
    outbox: new Outbox(masking),
  };
  return { dial: (url, events) => new FramedConnection(url, events, framed) };
}

let usual: 'own' | 'ws' | null = null;

/** What the installed version allows, looked at once a thread. The user is told once. */
function usualFrames(): 'own' | 'ws' {
  if (usual !== null) return usual;
  const problem = framesProblem(installedWs(), packageManifest().dependencies.ws);
  usual = problem === null ? 'own' : 'ws';
  if (problem !== null && isMainThread) note(`warning: ${problem}`);
  return usual;
}

/** Why messages have to go through `ws`, and what to do about it; null where they need not. */
export function framesProblem(installed: string, tried: string): string | null {
  if (installed === tried) return null;
  return `ws ${installed} is installed, and the driver's own frames were tried with ws ${tried} only: messages go through ws, which costs more processor time per message; 'npm install ws@${tried}' gets them back`;
}

function installedWs(): string {
  return (createRequire(import.meta.url)('ws/package.json') as { version: string }).version;
}

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

/**
 * A lookup for sockets that resolves a name once for all dials within a few seconds. By itself every dial would ask the system:
 * thousands of questions that wait in the four threads that Node has for them, that resolvers answer with errors when they come too
 * fast, and whose time would be measured as the stage's. Addresses are taken in turn; a failure is not kept. `nowMs` and `resolve` are the system's unless told otherwise. */
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
