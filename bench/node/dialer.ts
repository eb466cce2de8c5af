/**
 * Dials client connections. Where the installed `ws` is the version whose inside {@link FramedConnection} was made for, messages
 * take its way; with any other they go through `ws`, which costs more processor time and changes no figure otherwise.
 */
import { createRequire } from 'node:module';
import type { ConnectionOptions } from 'node:tls';
import { isMainThread } from 'node:worker_threads';
import { SUBPROTOCOL_HEADER, subprotocolsOf } from '../model/header-lines.ts';
import type { Masking } from '../model/plan.ts';
import type { Dialer } from '../ports.ts';
import { FramedConnection } from './framed-connection.ts';
import { packageManifest } from './machine.ts';
import { cachedLookup } from './name-cache.ts';
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
