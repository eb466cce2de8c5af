/**
 * The probe: before a run, one connection of its own shows that the stage can be reached, and on a pipeline that it
 * answers. A mapping that starts at the end of its stream misses what came before it was ready, so the probe sends again
 * until an echo comes. Then it stays until the last of its messages is back: a service that fails on an answer to a connection
 * that is gone would be tried again, and hold up everything behind it. Its messages carry another run's id and are excluded from the results.
 */

import { MessageReader, MessageWriter, MIN_PAYLOAD_BYTES } from '../measure/message.ts';
import { counted } from '../model/counted.ts';
import { excerptOf } from '../model/excerpt.ts';
import { OperatingError } from '../model/failure.ts';
import { maskedAddress, type Redact } from '../model/secrets.ts';
import type { Clock, Connection, ConnectionEvents, Cut, Dialer, Timer, Waiting } from '../ports.ts';
import { PatientDialer } from './reconnect.ts';

/** Time between two probe messages. */
const REPEAT_MS = 1_000;

/** Where the stage says nothing else: a cold start and a local mapping that starts take seconds, not a minute. */
export const ECHO_WITHIN_MS = 60_000;

/** The last message is waited for as long as the first took and this: pollers that share a shard come every few seconds. */
const LAST_WITHIN_MS = 10_000;

/** Quiet up to here: most stages echo before a person asks why nothing happens. */
const PATIENCE_MS = 3_000;

/** The stage can't be driven: not reached, or no echo. The message says why and what to do. */
export class ProbeError extends OperatingError {}

export interface ProbeOptions {
  readonly url: string;
  /** Of the secrets in the URL and the headers; left out where there are none. */
  readonly redact?: Redact;
  readonly dialer: Dialer;
  readonly clock: Clock;
  /** Identity of the probe's messages, not that of the run: 16 hexadecimal digits. */
  readonly runId: string;
  /** Whether to wait for an echo, or only for the connection. */
  readonly echo: boolean;
  /** A probe that gets no echo for this long gives up; a minute where nothing is said. */
  readonly echoWithinMs?: number;
  /** Size of a message, and whether it asks for stamps: those of the run, where what comes back is to be like its answers. */
  readonly message?: { readonly payloadBytes: number; readonly trace: boolean };
  /** Aborted when nobody waits any longer: the connection is closed and the probe rejects. */
  readonly interrupted?: AbortSignal;
  /** Told what is waited for when the first echo takes longer than a moment. */
  readonly waiting?: (waiting: Waiting) => void;
}

export interface ProbeOutcome {
  /** Messages the stage took: those it answered with an error are not among them. */
  readonly sent: number;
  /** Of these, messages that had not come back by then. */
  readonly unanswered: number;
  /** Dials that a quota of new connections refused, and that were made again. */
  readonly throttled: number;
}

/** Probes the stage and resolves with how many messages it took. Rejects with {@link ProbeError}. */
export function probe(options: ProbeOptions): Promise<ProbeOutcome> {
  return new Probe(options).run();
}

/** The end of a probing, which comes once: its outcome, a failure or an interruption. Each first frees what was taken. */
export class Conclusion {
  readonly outcome: Promise<ProbeOutcome>;
  isReached = false;
  readonly #interrupted: AbortSignal | undefined;
  readonly #release: () => void;
  #resolve: (outcome: ProbeOutcome) => void = () => {};
  #reject: (error: ProbeError) => void = () => {};
  readonly #stop = (): void => this.fail('the probe was interrupted');

  constructor(interrupted: AbortSignal | undefined, release: () => void) {
    this.#interrupted = interrupted;
    this.#release = release;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Calls `begin` unless it was interrupted before, and fails when it is later. */
  begin(begin: () => void): void {
    this.#interrupted?.addEventListener('abort', this.#stop, { once: true });
    if (this.#interrupted?.aborted === true) this.#stop();
    else begin();
  }

  succeed(outcome: ProbeOutcome): void {
    this.#reach(() => this.#resolve(outcome));
  }

  fail(message: string): void {
    this.#reach(() => this.#reject(new ProbeError(message)));
  }

  #reach(tell: () => void): void {
    if (this.isReached) return;
    this.isReached = true;
    this.#interrupted?.removeEventListener('abort', this.#stop);
    this.#release();
    tell();
  }
}

/** Long enough for what a gateway says in an error frame, or to see what became of a message. */
const EXCERPT_LENGTH = 200;
const SHORT_LENGTH = 80;

class Probe implements ConnectionEvents {
  readonly #options: ProbeOptions;
  readonly #name: string;
  readonly #redact: Redact;
  readonly #conclusion: Conclusion;
  readonly #dialer: PatientDialer;
  readonly #writer: MessageWriter;
  readonly #reader: MessageReader;
  #connection: Connection | null = null;
  #timer: Timer | null = null;
  #startMs = 0;
  #sent = 0;
  #echoed = 0;
  /** Messages the gateway answered with an error frame, and what the last of these says. */
  #refused = 0;
  #refusal = '';
  /** Arrivals that are neither echo nor error frame, and the first of them. */
  #strange = 0;
  #firstStrange = '';

  constructor(options: ProbeOptions) {
    this.#options = options;
    this.#conclusion = new Conclusion(options.interrupted, () => {
      this.#timer?.cancel();
      this.#connection?.close();
    });
    this.#dialer = new PatientDialer(options);
    const { runId, message = { payloadBytes: MIN_PAYLOAD_BYTES, trace: false } } = options;
    this.#name = maskedAddress(options.url);
    this.#redact = options.redact ?? ((text) => text);
    this.#writer = new MessageWriter({ runId, ...message });
    this.#reader = new MessageReader({ runId, payloadBytes: message.payloadBytes });
  }

  run(): Promise<ProbeOutcome> {
    this.#conclusion.begin(() => {
      this.#connection = this.#dialer.dial(this.#options.url, this);
    });
    return this.#conclusion.outcome;
  }

  opened(): void {
    if (!this.#options.echo) {
      this.#succeed();
      return;
    }
    this.#startMs = this.#options.clock.now();
    this.#send();
  }

  received(bytes: Uint8Array, start: number, end: number): void {
    const kind = this.#reader.read(bytes, 0, start, end);
    if (kind === 'message') {
      this.#echoed += 1;
      if (this.#reader.sequence === this.#sent - 1) this.#succeed();
      else if (this.#echoed === 1) this.#awaitLast();
    } else if (kind === 'gatewayError') {
      this.#refused += 1;
      this.#refusal = excerptOf(bytes.subarray(start, end), EXCERPT_LENGTH, this.#redact);
    } else {
      this.#strange += 1;
      this.#firstStrange ||= excerptOf(bytes.subarray(start, end), EXCERPT_LENGTH, this.#redact);
    }
  }

  /** Not for ever, for a message may be lost. */
  #awaitLast(): void {
    const { clock } = this.#options;
    const tookMs = clock.now() - this.#startMs;
    this.#timer?.cancel();
    this.#timer = clock.at(clock.now() + tookMs + LAST_WITHIN_MS, () => this.#succeed());
  }

  #succeed(): void {
    const sent = this.#sent - this.#refused;
    const unanswered = Math.max(0, sent - this.#echoed);
    this.#conclusion.succeed({ sent, unanswered, throttled: this.#dialer.throttled });
  }

  closed(code: number, reason: string, cut?: Cut): void {
    if (this.#echoed > 0) {
      this.#succeed();
      return;
    }
    const why = reason === '' ? `code ${code}` : `code ${code}, ${reason}`;
    const end =
      cut === undefined
        ? `${this.#name} closed the probe's connection (${why})`
        : `the driver cut the probe's connection to ${this.#name}: ${cut.code} (${cut.detail})`;
    this.#conclusion.fail(`${end} before an echo came${this.#why()}.`);
  }

  failed(code: string, detail: string): void {
    const isReached = /^(HTTP|HANDSHAKE)/.test(code);
    const what = isReached ? 'was reached, but opened no WebSocket' : "can't be reached";
    this.#conclusion.fail(`${this.#name} ${what}: ${code}${detail === '' ? '' : ` (${detail})`}.`);
  }

  #send(): void {
    const { clock, echoWithinMs = ECHO_WITHIN_MS } = this.#options;
    if (clock.now() - this.#startMs > echoWithinMs) {
      this.#conclusion.fail(
        `${this.#name} echoed none of ${counted(this.#sent, 'message')} in ${echoWithinMs / 1000} s${this.#why()}.`,
      );
      return;
    }
    this.#connection?.send(this.#writer.frame(0, this.#sent++));
    this.#tellWaiting(this.#startMs + echoWithinMs);
    this.#timer = clock.at(clock.now() + REPEAT_MS, () => this.#send());
  }

  #tellWaiting(untilMs: number): void {
    const { clock, waiting } = this.#options;
    if (clock.now() - this.#startMs < PATIENCE_MS) return;
    waiting?.({ what: `no echo yet of ${counted(this.#sent, 'message')}${this.#why()}`, untilMs });
  }

  /** What came instead of an echo, beside what was sent. */
  #why(): string {
    if (this.#sent === 0) return '';
    if (this.#refused > 0)
      return `; the gateway refused ${this.#refused} of them, last with ${this.#refusal}`;
    if (this.#strange === 0) return this.#options.message === undefined ? '' : '; nothing came back';
    const sent = excerptOf(this.#writer.frame(0, 0), SHORT_LENGTH, this.#redact);
    return `; what came first, of ${counted(this.#strange, 'message')}, was ${this.#firstStrange} where ${sent} was sent and must come back`;
  }
}
