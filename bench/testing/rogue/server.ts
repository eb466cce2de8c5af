/**
 * An echo server that misbehaves, as a process of its own: it drops, duplicates, swaps, holds back, corrupts, forges and
 * hangs up, by its own seed, and notes down what it wrote on which socket. On SIGTERM it works out from that log what a
 * client must have seen and prints it as JSON; it imports nothing of the driver's.
 *
 * What it does with a message depends on seed, stream and number alone, not on timing; only where a misdirected answer
 * goes, and what a held one is overtaken by, depends on what else arrives. The first message of a connection comes back
 * as it is. A connection is killed by ending it without a close frame behind what was written on it: bytes that were
 * written arrive, so the tally needs no guess. (After a reset it could not know what its client still read.)
 */
import { type WebSocket, WebSocketServer } from 'ws';
import { accountOf, type ConnectionLog, type RogueTally, type Written } from './account.ts';
import { corrupted, type Fields, fieldsOf, forged } from './wire.ts';

const SEED = Number(process.argv[2] ?? 1);

/** Messages that a held one waits for, at the most; of its own connection. */
const MAX_HELD_BACK = 8;

/** Far above any number that is sent. */
const NEVER_SENT = 5_000_000_000;

/** Answers that are no message: not JSON, cut short, JSON of another kind. */
const GARBAGE = ['', 'not json', '{"run":"00', '[1,2,3]', '{"hello":"world"}', 'null'];

/** mulberry32 (Tommy Ettinger): enough for choosing what to do wrong. */
function chances(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

interface Message {
  readonly text: string;
  readonly fields: Fields;
  readonly sequence: number;
}

/** One connection and its log. */
class Victim implements ConnectionLog {
  stream = -1;
  killed = false;
  readonly received: number[] = [];
  readonly written: Written[] = [];
  chance: () => number = () => 0;
  readonly #socket: WebSocket;
  #held: { readonly message: Message; leftOver: number }[] = [];

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  get isOpen(): boolean {
    return !this.killed && this.#socket.readyState === this.#socket.OPEN;
  }

  /** Writes and notes down what it is to this connection. */
  write(text: string, as: Written): void {
    if (!this.isOpen) return;
    this.#socket.send(text);
    this.written.push(as);
  }

  echo({ text, sequence }: Message): void {
    this.write(text, sequence);
  }

  /** Writes the message after `count` further ones have come in on this connection, or never. */
  holdBack(message: Message, count: number): void {
    this.#held.push({ message, leftOver: count });
  }

  /** Another message has come in and was dealt with. */
  release(): void {
    for (const held of this.#held) held.leftOver--;
    for (const { message, leftOver } of this.#held) if (leftOver < 0) this.echo(message);
    this.#held = this.#held.filter(({ leftOver }) => leftOver >= 0);
  }

  /** Ends the connection behind what was written, without a close frame; what still comes in is noted down. */
  kill(): void {
    this.killed = true;
    (this.#socket as unknown as { _socket: { end(): void } })._socket.end();
  }
}

const victims: Victim[] = [];
const acts: Record<string, number> = {};
let unsound = 0;

/** What is done with a message, and how often of a thousand. The rest is echoed. */
const ACTS: readonly (readonly [name: string, perMille: number, act: (by: Victim, m: Message) => void])[] = [
  ['drop', 4, () => {}],
  [
    'duplicate',
    4,
    (by, message) => {
      by.echo(message);
      by.holdBack(message, Math.floor(by.chance() * 4));
    },
  ],
  ['swap', 6, (by, message) => by.holdBack(message, 1)],
  ['hold back', 4, (by, message) => by.holdBack(message, 2 + Math.floor(by.chance() * (MAX_HELD_BACK - 1)))],
  ['corrupt', 4, (by, { text, fields }) => by.write(corrupted(text, fields, by.chance()), 'corrupt')],
  ['misdirect', 4, misdirect],
  ['garbage', 4, (by) => by.write(GARBAGE[Math.floor(by.chance() * GARBAGE.length)]!, 'undecodable')],
  [
    'gateway error',
    2,
    (by) => by.write('{"message":"Internal server error","connectionId":"x"}', 'gatewayError'),
  ],
  [
    'foreign run',
    4,
    (by, message) => {
      by.echo(message);
      by.write(forged(message.fields, { run: 'f'.repeat(16) }), 'otherRun');
    },
  ],
  [
    'never sent',
    4,
    (by, message) => {
      const sequence = NEVER_SENT + message.sequence;
      by.write(forged(message.fields, { sequence: String(sequence) }), sequence);
      by.echo(message);
    },
  ],
  ['kill', 5, (by) => by.kill()],
];

/** One connection in so many may be killed: of a long run something must be left. */
const MORTAL_EVERY = 5;

/** To a connection that is open, or to nobody. */
function misdirect(by: Victim, { text }: Message): void {
  const others = victims.filter((victim) => victim !== by && victim.stream !== -1 && victim.isOpen);
  others[Math.floor(by.chance() * others.length)]?.write(text, 'otherStream');
}

function deal(by: Victim, message: Message): void {
  let dice = by.chance() * 1000;
  const chosen = ACTS.find(([, perMille]) => {
    dice -= perMille;
    return dice < 0;
  });
  const isSpared = chosen?.[0] === 'kill' && by.stream % MORTAL_EVERY !== 0;
  if (chosen === undefined || isSpared || message.sequence === 0 || by.killed) by.echo(message);
  else {
    acts[chosen[0]] = (acts[chosen[0]] ?? 0) + 1;
    chosen[2](by, message);
  }
  by.release();
}

function receive(by: Victim, text: string): void {
  const fields = fieldsOf(text);
  if (fields === null) {
    unsound++;
    return;
  }
  const sequence = Number(fields.sequence);
  if (by.stream === -1) {
    by.stream = Number.parseInt(fields.stream, 16);
    by.chance = chances(Math.imul(SEED, 0x9e3779b1) ^ Math.imul(by.stream + 1, 0x85ebca6b));
  }
  by.received.push(sequence);
  deal(by, { text, fields, sequence });
}

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  process.stdout.write(`${(server.address() as { port: number }).port}\n`);
});
let isProbed = false;
server.on('connection', (socket) => {
  // The driver's first connection is its probe, which is to find a server that echoes and is no part of the run.
  if (!isProbed) {
    isProbed = true;
    socket.on('message', (data) => socket.send(String(data)));
    return;
  }
  const victim = new Victim(socket);
  victims.push(victim);
  socket.on('error', () => {});
  socket.on('message', (data) => receive(victim, String(data)));
});
process.on('SIGTERM', () => {
  const streams = victims.filter(({ stream }) => stream !== -1).map(accountOf);
  const tally: RogueTally = { acts, unsound, streams };
  process.stdout.write(`${JSON.stringify(tally)}\n`, () => process.exit(0));
});
