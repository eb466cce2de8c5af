/**
 * A WebSocket in memory: the driver's {@link Connection} at one end, the gateway's ClientSocket at the other, a {@link Wire}
 * between. Each direction keeps its order. A socket that the gateway has paused holds what arrives, and tells the driver
 * so as backlog. What is on its way when an end has gone is gone too.
 */
import type { ClientSocket, GatewayConnection } from '../../stack/local/gateway/connection.ts';
import type { Gateway } from '../../stack/local/gateway/gateway.ts';
import type { Clock, Connection, ConnectionEvents, Dialer } from '../ports.ts';

/** Sees everything that passes between driver and stage. Connections are numbered as they are dialled. */
export interface LinkTap {
  /** The driver sent a message. */
  sent(link: number, text: string): void;
  /** The gateway took a message in. */
  accepted(link: number): void;
  /** A message is about to be handed to the driver. */
  received(link: number, bytes: Uint8Array): void;
  /** The driver closed its end; it may do so more than once. */
  closed(link: number): void;
  /** The driver is about to be told that the connection has ended. */
  ended(link: number): void;
}

export interface LinkOptions {
  readonly clock: Clock;
  readonly gateway: Gateway;
  readonly tap?: LinkTap | undefined;
}

/** How clients of a simulation show themselves to the gateway. */
const CLIENT = { sourceIp: '127.0.0.1', userAgent: 'simulated' } as const;

/** Codes of RFC 6455 section 7.4.1. */
const NORMAL_CLOSURE = 1000;
const ABNORMAL_CLOSURE = 1006;

/** Dials a gateway in memory, and knows every link it made. */
export class LinkDialer implements Dialer {
  readonly links: Link[] = [];
  readonly #options: LinkOptions & { readonly wire: Wire };

  constructor(options: LinkOptions) {
    this.#options = { ...options, wire: new Wire(options.clock) };
  }

  dial(url: string, events: ConnectionEvents): Connection {
    const { pathname } = new URL(url);
    const link = new Link(this.links.length, this.#options, events);
    this.links.push(link);
    link.open(pathname);
    return link;
  }
}

/** Something that came to the gateway's end: a message, or that the driver has closed. */
type Inbound = string | null;

export class Link implements Connection {
  readonly #number: number;
  readonly #options: LinkOptions & { readonly wire: Wire };
  readonly #events: ConnectionEvents;
  #state: 'opening' | 'open' | 'closing' | 'closed' = 'opening';
  /** The gateway's side; null before it is admitted. */
  #far: GatewayConnection | null = null;
  #isPaused = false;
  /** Arrived while the gateway did not read. */
  #held: Inbound[] = [];
  #heldBytes = 0;

  constructor(number: number, options: LinkOptions & { readonly wire: Wire }, events: ConnectionEvents) {
    this.#number = number;
    this.#options = options;
    this.#events = events;
  }

  /** Asks for the upgrade; the answer comes after a round trip. */
  open(path: string): void {
    const { gateway, wire } = this.#options;
    wire.carry(() => {
      const admission = gateway.admit({ path, ...CLIENT });
      if (admission.ok) this.#far = admission.accept(new GatewayEnd(this));
      wire.carry(() => {
        if (this.#state !== 'opening') {
          this.#far?.closed();
          return;
        }
        this.#state = admission.ok ? 'open' : 'closed';
        if (admission.ok) this.#events.opened();
        else this.#events.failed(`HTTP_${admission.status}`, admission.message);
      });
    });
  }

  isOpen(): boolean {
    return this.#state === 'open';
  }

  send(bytes: Uint8Array): void {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
    this.#options.tap?.sent(this.#number, text);
    this.#options.wire.carry(() => this.#arrive(text));
  }

  backlogBytes(): number {
    return this.#heldBytes;
  }

  close(): void {
    this.#options.tap?.closed(this.#number);
    if (this.#state === 'opening') this.#state = 'closed';
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#options.wire.carry(() => this.#arrive(null));
  }

  /** The connection breaks: both ends learn of it at once, and nothing that is under way arrives. */
  kill(): void {
    if (this.#state === 'opening' || this.#state === 'closed') return;
    this.#end(ABNORMAL_CLOSURE, '');
    this.#far?.closed();
  }

  #arrive(inbound: Inbound): void {
    if (this.#state === 'closed') return;
    if (!this.#isPaused) {
      this.#take(inbound);
      return;
    }
    this.#held.push(inbound);
    this.#heldBytes += inbound?.length ?? 0;
  }

  #take(inbound: Inbound): void {
    const far = this.#far!;
    if (inbound === null) {
      far.closed();
      this.#options.wire.carry(() => this.#end(NORMAL_CLOSURE, ''));
      return;
    }
    if (far.isOpen) this.#options.tap?.accepted(this.#number);
    far.received(inbound);
  }

  #end(code: number, reason: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#held = [];
    this.#heldBytes = 0;
    this.#options.tap?.ended(this.#number);
    this.#events.closed(code, reason);
  }

  /** The gateway sent a message. */
  carryToDriver(body: Buffer): void {
    const { wire, tap } = this.#options;
    wire.carry(() => {
      if (this.#state === 'closed') return;
      tap?.received(this.#number, body);
      this.#events.received(body, 0, body.length);
    });
  }

  /** The gateway ended the connection. */
  carryEnd(code: number, reason: string): void {
    this.#options.wire.carry(() => this.#end(code, reason));
  }

  /** The gateway stops reading, and starts again. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    const { clock } = this.#options;
    this.#isPaused = false;
    clock.at(clock.now(), () => this.#release());
  }

  #release(): void {
    while (!this.#isPaused && this.#held.length > 0) {
      const inbound = this.#held.shift()!;
      this.#heldBytes -= inbound?.length ?? 0;
      this.#take(inbound);
    }
  }
}

/** The gateway's end. A class and no set of closures: of a million connections each has one. */
class GatewayEnd implements ClientSocket {
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  sendText(body: Buffer): void {
    this.#link.carryToDriver(body);
  }
  close(code: number, reason: string): void {
    this.#link.carryEnd(code, reason);
  }
  reset(): void {
    this.#link.carryEnd(ABNORMAL_CLOSURE, '');
  }
  backlogBytes(): number {
    return 0;
  }
  pause(): void {
    this.#link.pause();
  }
  resume(): void {
    this.#link.resume();
  }
}

/**
 * One way, milliseconds: about what a loopback interface takes. It is not zero, or a closed loop on a stage without latency
 * would send for ever and time would stand still.
 */
export const WIRE_MS = 0.1;

/**
 * The network of a simulation: whatever is put on it happens one way's time later. The time is the same for all, so things happen
 * in the order they were put on, on every connection and between them, and one appointment at a time is enough.
 */
export class Wire {
  readonly #clock: Clock;
  readonly #delayMs: number;
  /** Due times and tasks, by the same index: two arrays that grow and are emptied together. */
  #dueMs: number[] = [];
  #tasks: (() => void)[] = [];
  #head = 0;
  #isArmed = false;

  constructor(clock: Clock, delayMs = WIRE_MS) {
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  /** Lets the task happen at the other end. */
  carry(task: () => void): void {
    this.#dueMs.push(this.#clock.now() + this.#delayMs);
    this.#tasks.push(task);
    this.#arm();
  }

  /** Sees to the next arrival. What is carried while others arrive finds the wire seen to. */
  #arm(): void {
    if (this.#isArmed || this.#head === this.#tasks.length) return;
    this.#isArmed = true;
    this.#clock.at(this.#dueMs[this.#head]!, this.#arrive);
  }

  readonly #arrive = (): void => {
    const nowMs = this.#clock.now();
    while (this.#head < this.#tasks.length && this.#dueMs[this.#head]! <= nowMs) this.#tasks[this.#head++]!();
    this.#compact();
    this.#isArmed = false;
    this.#arm();
  };

  /** A wire that is never empty would otherwise keep what it has carried. */
  #compact(): void {
    if (this.#head < this.#tasks.length && (this.#head < 1_024 || this.#head < this.#tasks.length / 2))
      return;
    this.#dueMs = this.#dueMs.slice(this.#head);
    this.#tasks = this.#tasks.slice(this.#head);
    this.#head = 0;
  }
}
