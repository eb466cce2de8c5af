/**
 * Is the gateway's side of one client's WebSocket: delays both ways, dispatch of messages, idle and lifetime limits.
 * It knows no socket and no HTTP, so it also runs on a virtual clock. AWS does not document whether messages of one
 * connection are processed one after the other (serial) or side by side (concurrent). Messages that wait are never
 * dropped: at a limit the socket is paused and TCP passes the wait on to the client.
 */
import type { Clock, Timer } from '../../../bench/ports.ts';
import { Appointments, DelayLine } from './delay-line.ts';
import type { ConnectionFacts } from './vtl-variables.ts';

export interface ClientSocket {
  sendText(body: Buffer): void;
  close(code: number, reason: string): void;
  /** Ends the connection without a closing handshake: the client sees 1006. Left out where there is no such thing. */
  reset?(): void;
  /** Bytes sent that the operating system has not taken yet. */
  backlogBytes(): number;
  /** Stops and restarts reading. Messages already read may still be delivered after a pause. */
  pause(): void;
  resume(): void;
}

/** A message as the gateway processes it. Times are clock readings. */
export interface InboundMessage {
  readonly text: string;
  readonly arrivedMs: number;
}

/** What the connections of a stage have in common: held once, for there may be a million of them. */
export interface ConnectionTerms {
  readonly clock: Clock;
  readonly dispatch: 'serial' | 'concurrent';
  readonly idleMs: number;
  readonly lifetimeMs: number;
  /** Samplers, milliseconds. */
  readonly delays: {
    readonly clientToGateway: () => number;
    readonly processing: () => number;
    readonly gatewayToClient: () => number;
  };
  /** Whether the message may enter the gateway; false when it was refused with an error frame. Called on arrival. */
  readonly admit: (connection: GatewayConnection, message: InboundMessage) => boolean;
  /** Runs the message's route; resolves when the integration has. Never rejects. */
  readonly process: (connection: GatewayConnection, message: InboundMessage) => Promise<void>;
  /** Called once, when the connection has ended for whatever reason. */
  readonly ended: (connection: GatewayConnection) => void;
  /** Called once, when it has ended and the last message it brought has been processed. */
  readonly drained: (connection: GatewayConnection) => void;
}

export interface ConnectionOptions {
  readonly facts: ConnectionFacts;
  readonly socket: ClientSocket;
  readonly terms: ConnectionTerms;
}

export interface ConnectRequest {
  /** Path without query: `/v1`. */
  readonly path: string;
  readonly sourceIp: string;
  readonly userAgent: string;
}

/** Whether a client may connect; if not, the HTTP status of the response to its upgrade request. */
export type Admission =
  | { readonly ok: true; readonly accept: (socket: ClientSocket) => GatewayConnection }
  | { readonly ok: false; readonly status: 403 | 429; readonly message: string };

/** Messages of one connection that may wait before its socket is paused. Far more than a client in step ever has. */
const WAITING_LIMIT = 256;
/** Messages of one connection in the integration at once under concurrent dispatch; bounds a flood by one client. */
const CONCURRENT_LIMIT = 256;

export class GatewayConnection {
  readonly facts: ConnectionFacts;
  readonly #terms: ConnectionTerms;
  readonly #socket: ClientSocket;
  /** Made with the first message: most connections of a crowd carry none. */
  #inbound: DelayLine<string> | null = null;
  #outbound: DelayLine<Buffer> | null = null;
  #processing: Appointments | null = null;
  readonly #waiting: InboundMessage[] = [];
  readonly #openedMs: number;
  #inFlight = 0;
  #lastActiveMs: number;
  #limits: Timer;
  #isPaused = false;
  #isOpen = true;

  constructor({ facts, socket, terms }: ConnectionOptions) {
    this.facts = facts;
    this.#terms = terms;
    this.#socket = socket;
    this.#openedMs = terms.clock.now();
    this.#lastActiveMs = this.#openedMs;
    this.#limits = this.#armLimits();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Clock reading of the last traffic in either direction. */
  get lastActiveMs(): number {
    return this.#lastActiveMs;
  }

  /** Bytes on their way to the client that its socket has not taken. */
  get backlogBytes(): number {
    return this.#socket.backlogBytes();
  }

  /** Traffic that carries no message, such as a ping, keeps the connection from being idle. */
  touched(): void {
    this.#lastActiveMs = this.#terms.clock.now();
  }

  received(text: string): void {
    if (!this.#isOpen) return;
    this.touched();
    this.#inbound ??= new DelayLine({
      clock: this.#terms.clock,
      delayMs: this.#terms.delays.clientToGateway,
      deliver: (arrived, arrivedMs) => this.#arrived({ text: arrived, arrivedMs }),
    });
    this.#inbound.push(text, this.#lastActiveMs);
    this.#pauseIfFull();
  }

  /** Lets a text message leave for the client at `fromMs`, after all that left before. */
  send(body: Buffer, fromMs: number): void {
    if (!this.#isOpen) return;
    this.touched();
    this.#outbound ??= new DelayLine({
      clock: this.#terms.clock,
      delayMs: this.#terms.delays.gatewayToClient,
      deliver: (sent) => this.#socket.sendText(sent),
    });
    this.#outbound.push(body, fromMs);
  }

  /** Lets a message that was posted to the client leave, as {@link send} does. */
  deliver(body: Buffer, fromMs: number): void {
    this.send(body, fromMs);
  }

  /** Ends the connection from the gateway's side. */
  close(code: number, reason: string): void {
    if (!this.#isOpen) return;
    this.#socket.close(code, reason);
    this.closed();
  }

  /** The client, the network or the gateway ended the connection. Messages that reached the gateway run to their end. */
  closed(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#limits.cancel();
    this.#outbound?.close();
    if (this.#isPaused) this.#socket.resume();
    this.#terms.ended(this);
    this.#reportDrained();
  }

  /** Forgets the messages under way, at the end of the stage. */
  abandon(): void {
    this.#inbound?.close();
    this.#waiting.length = 0;
    this.#processing?.cancelAll();
  }

  #arrived(message: InboundMessage): void {
    if (this.#terms.admit(this, message)) {
      this.#waiting.push(message);
      this.#dispatch(message.arrivedMs);
    }
    this.#reportDrained();
  }

  /** Starts as many waiting messages as the dispatch allows. */
  #dispatch(fromMs: number): void {
    const limit = this.#terms.dispatch === 'serial' ? 1 : CONCURRENT_LIMIT;
    while (this.#inFlight < limit) {
      const message = this.#waiting.shift();
      if (message === undefined) return;
      this.#inFlight += 1;
      this.#start(message, fromMs);
    }
  }

  #start(message: InboundMessage, fromMs: number): void {
    const delayMs = this.#terms.delays.processing();
    if (delayMs === 0) {
      this.#run(message);
      return;
    }
    this.#processing ??= new Appointments(this.#terms.clock);
    this.#processing.at(fromMs + delayMs, () => this.#run(message));
  }

  #run(message: InboundMessage): void {
    this.#terms.process(this, message).then(() => {
      this.#inFlight -= 1;
      this.#dispatch(this.#terms.clock.now());
      this.#resumeIfRelieved();
      this.#reportDrained();
    });
  }

  #reportDrained(): void {
    if (this.#isOpen || this.#inFlight > 0 || this.#underWay > 0) return;
    this.#terms.drained(this);
  }

  /** Messages that are not in the integration yet. */
  get #underWay(): number {
    return this.#waiting.length + (this.#inbound?.length ?? 0);
  }

  #pauseIfFull(): void {
    if (this.#isPaused || this.#underWay < WAITING_LIMIT) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  #resumeIfRelieved(): void {
    if (!this.#isPaused || !this.#isOpen) return;
    if (this.#underWay > WAITING_LIMIT / 2) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  /** One timer serves both limits; it looks at the time of the last traffic only when it runs. */
  #armLimits(): Timer {
    return this.#terms.clock.at(this.#limitMs(), () => this.#checkLimits());
  }

  /** Compared as the sum that the timer was set to: a difference may round to just before it, for ever. */
  #limitMs(): number {
    const { idleMs, lifetimeMs } = this.#terms;
    return Math.min(this.#lastActiveMs + idleMs, this.#openedMs + lifetimeMs);
  }

  #checkLimits(): void {
    if (this.#terms.clock.now() >= this.#limitMs()) this.close(1001, 'Going away');
    else this.#limits = this.#armLimits();
  }
}
