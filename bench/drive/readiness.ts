/**
 * Readiness: whether a pipeline reads every shard, shown before it is driven. A new mapping says that it is enabled and
 * may read some shards minutes later; an updated one goes on for a while and then stops. One echo shows neither. So first
 * the mappings must say that they are ready, and have been left alone for as long as AWS says that a change takes; then
 * traced messages go out on so many connections that every shard gets some, and each shard must answer several times in a row.
 *
 * Connections are opened at a pace, and no more of them once every shard was heard. What is sent here carries another run's
 * id and is counted as probes. A pipeline whose echoes have no stamps can't tell its shards apart: its first echo is enough.
 */

import { MessageReader, MessageWriter, MIN_PAYLOAD_BYTES } from '../measure/message.ts';
import { connectionsToReach } from '../measure/reach.ts';
import { counted } from '../model/counted.ts';
import type { ReadinessDemand } from '../model/readiness-state.ts';
import { maskedAddress } from '../model/secrets.ts';
import type { Readiness, Timer } from '../ports.ts';
import { Ear } from './ear.ts';
import { Conclusion, ProbeError, type ProbeOptions, type ProbeOutcome, probe } from './probe.ts';
import { PatientDialer } from './reconnect.ts';

/** Between two looks at the mappings' states: Lambda allows 15 such calls a second for an account. */
const LOOK_EVERY_MS = 2_000;

/** Between two messages on a connection. */
const REPEAT_MS = 500;

/** 100 a second are a fifth of the account's quota of new connections. */
const DIAL_EVERY_MS = 10;

/** Enough for 100 shards at a chance of a million to one; beyond that the chance is larger. */
const MAX_CONNECTIONS = 2_000;

/** Answers in a row that show that a shard is read. */
const IN_ROW = 3;

/** For echoes that are on their way. */
const LINGER_MS = 2_000;

/** Quiet up to here. */
const PATIENCE_MS = 3_000;

/** Shards that a message names. */
const MAX_NAMED = 5;

export interface ReadinessOptions extends Omit<ProbeOptions, 'echo' | 'message'> {
  readonly readiness: Readiness;
  /** From when on answers count. */
  readonly echoWithinMs: number;
}

/** Waits until the stage is ready, and resolves with what was sent to see it. Rejects with {@link ProbeError}. */
export async function readied(options: ReadinessOptions): Promise<ProbeOutcome> {
  const { readiness } = options;
  const demand = await demandOf(options);
  const outcome =
    demand === null || demand.shards.length === 0
      ? await probe({ ...options, echo: true })
      : await new Sounding(options, demand).run();
  readiness.met();
  return outcome;
}

/** When the mappings say that they are ready, and were left alone long enough. */
async function demandOf(options: ReadinessOptions): Promise<ReadinessDemand | null> {
  const { readiness, clock, echoWithinMs, interrupted, waiting, url } = options;
  const untilMs = clock.now() + echoWithinMs;
  for (;;) {
    const asked = await readiness.ask();
    if (interrupted?.aborted === true) throw new ProbeError('the probe was interrupted');
    if (asked === null) return null;
    if (asked.waitFor === null) return asked.demand;
    const { what, forMs } = asked.waitFor;
    // A time that is known is not cut short by the patience with one that is not.
    if (forMs === null && clock.now() > untilMs)
      throw new ProbeError(`${maskedAddress(url)} was not ready in ${echoWithinMs / 1000} s: ${what}.`);
    waiting?.({ what, untilMs: forMs === null ? untilMs : clock.now() + forMs });
    await pause(options, forMs ?? LOOK_EVERY_MS);
  }
}

/** On the clock; an interruption cuts it short. */
function pause({ clock, interrupted }: ReadinessOptions, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      interrupted?.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.at(clock.now() + ms, done);
    interrupted?.addEventListener('abort', done, { once: true });
  });
}

class Sounding {
  readonly #options: ReadinessOptions;
  readonly #demand: ReadinessDemand;
  readonly #conclusion: Conclusion;
  readonly #dialer: PatientDialer;
  readonly #writer: MessageWriter;
  readonly #reader: MessageReader;
  readonly #wanted: number;
  readonly #ears: Ear[] = [];
  /** By shard, one that answered it in a row. */
  readonly #best = new Map<string, Ear>();
  readonly #startMs: number;
  #dialing: Timer | null = null;
  #sending: Timer | null = null;
  #isConcluding = false;
  #failed = 0;
  #lastFailure = '';

  constructor(options: ReadinessOptions, demand: ReadinessDemand) {
    const { runId, clock } = options;
    const message = { runId, payloadBytes: MIN_PAYLOAD_BYTES, trace: true };
    this.#options = options;
    this.#demand = demand;
    this.#conclusion = new Conclusion(options.interrupted, () => {
      this.#dialing?.cancel();
      this.#sending?.cancel();
      for (const ear of this.#ears) ear.close();
    });
    this.#dialer = new PatientDialer(options);
    this.#writer = new MessageWriter(message);
    this.#reader = new MessageReader(message);
    this.#wanted = Math.min(MAX_CONNECTIONS, connectionsToReach(demand.shards.length, demand.smallestShare));
    this.#startMs = clock.now();
  }

  run(): Promise<ProbeOutcome> {
    this.#conclusion.begin(() => {
      this.#dial();
      this.#sending = this.#options.clock.at(this.#startMs + REPEAT_MS, () => this.#round());
    });
    return this.#conclusion.outcome;
  }

  /** One connection after the other, until every shard was heard or there are as many as it takes. */
  #dial(): void {
    const { clock, url, redact = (text: string) => text } = this.#options;
    const open = this.#ears.length - this.#failed;
    if (this.#conclusion.isReached || this.#isConcluding) return;
    if (open < this.#wanted && this.#unheard().length > 0) {
      const ear = new Ear({
        ...{ stream: this.#ears.length, clock, redact, writer: this.#writer, reader: this.#reader },
        heard: () => this.#heard(ear),
        ended: (why) => this.#lost(why),
      });
      this.#ears.push(ear);
      ear.listen(this.#dialer.dial(url, ear));
    }
    this.#dialing = clock.at(clock.now() + DIAL_EVERY_MS, () => this.#dial());
  }

  #heard(ear: Ear): void {
    if (this.#isSteady(ear)) this.#best.set(ear.shard ?? '', ear);
    if (this.#isConcluding) this.#endIfQuiet();
    else if (ear.isUntraced || this.#unsteady().length === 0) this.#conclude();
  }

  #lost(why: string): void {
    this.#failed += 1;
    this.#lastFailure = why;
    const isHopeless = this.#failed === this.#ears.length || this.#failed > this.#wanted;
    if (isHopeless) this.#conclusion.fail(`${maskedAddress(this.#options.url)} ${why}.`);
  }

  #round(): void {
    const { clock, echoWithinMs } = this.#options;
    const endMs = this.#startMs + echoWithinMs;
    if (this.#isExhausted()) {
      this.#conclude();
      return;
    }
    if (clock.now() > endMs) {
      const sent = this.#sum(({ taken }) => taken);
      this.#conclusion.fail(
        `${maskedAddress(this.#options.url)} was not ready in ${echoWithinMs / 1000} s: ${this.#missing()}; ${counted(sent, 'message')} ${sent === 1 ? 'was' : 'were'} sent${this.#why()}.`,
      );
      return;
    }
    for (const ear of this.#ears) if (this.#isWanted(ear)) ear.send();
    if (clock.now() - this.#startMs >= PATIENCE_MS)
      this.#options.waiting?.({ what: `${this.#missing()}${this.#why()}`, untilMs: endMs });
    this.#sending = clock.at(clock.now() + REPEAT_MS, () => this.#round());
  }

  /** Whether there is something to learn of it: no other speaks for its shard already. */
  #isWanted(ear: Ear): boolean {
    const best = this.#bestOf(ear.shard);
    return ear.inRow < IN_ROW || best === undefined || best === ear;
  }

  #bestOf(shard: string | null): Ear | undefined {
    const best = this.#best.get(shard ?? '');
    return best !== undefined && this.#isSteady(best) ? best : undefined;
  }

  /** Answered in a row, and not silent since. */
  #isSteady(ear: Ear): boolean {
    return ear.inRow >= IN_ROW && ear.silentRounds(REPEAT_MS) <= IN_ROW;
  }

  #unheard(): readonly string[] {
    const heard = new Set(this.#ears.map(({ shard }) => shard));
    return this.#demand.shards.filter((shard) => !heard.has(shard));
  }

  #unsteady(): readonly string[] {
    return this.#demand.shards.filter((shard) => this.#bestOf(shard) === undefined);
  }

  /** Every connection answers, of so many that no shard that takes records can have been missed. */
  #isExhausted(): boolean {
    const open = this.#ears.filter(({ isEnded }) => !isEnded);
    return open.length >= this.#wanted && open.every((ear) => this.#isSteady(ear));
  }

  /** "shard 3 of echo has not answered yet". */
  #missing(): string {
    const unheard = this.#unheard();
    const shards = unheard.length > 0 ? unheard : this.#unsteady();
    const names = shards.slice(0, MAX_NAMED).map(numberOf);
    const more = shards.length - names.length;
    const list = [...names, ...(more === 0 ? [] : [`${more} more`])].join(', ');
    const [noun, verb] = shards.length === 1 ? ['shard', 'has'] : ['shards', 'have'];
    const what = unheard.length > 0 ? 'answered yet' : `answered ${IN_ROW} times in a row yet`;
    return `${noun} ${list} of ${this.#demand.service} ${verb} not ${what}`;
  }

  #why(): string {
    const refused = this.#sum((ear) => ear.refused);
    if (refused > 0) {
      const { refusal } = this.#ears.findLast((ear) => ear.refused > 0)!;
      return `; the gateway refused ${counted(refused, 'message')}, last with ${refusal}`;
    }
    return this.#failed === 0
      ? ''
      : `; ${counted(this.#failed, 'connection')} failed: one ${this.#lastFailure}`;
  }

  #outcome(): ProbeOutcome {
    const sent = this.#sum(({ taken }) => taken);
    const unanswered = Math.max(0, sent - this.#sum(({ answered }) => answered));
    return { sent, unanswered, throttled: this.#dialer.throttled };
  }

  #sum(of: (ear: Ear) => number): number {
    return this.#ears.reduce((sum, ear) => sum + of(ear), 0);
  }

  /** Sends no more, and hears what is on its way, so that it is known which messages nobody read. */
  #conclude(): void {
    const { clock } = this.#options;
    this.#isConcluding = true;
    this.#dialing?.cancel();
    this.#sending?.cancel();
    for (const ear of this.#ears) ear.mute();
    const done = () => this.#conclusion.succeed(this.#outcome());
    this.#sending = clock.at(clock.now() + LINGER_MS, done);
    this.#endIfQuiet();
  }

  #endIfQuiet(): void {
    if (this.#ears.every((ear) => ear.isQuiet)) this.#conclusion.succeed(this.#outcome());
  }
}

/** `shardId-000000000003` is shard 3. */
function numberOf(shard: string): string {
  return /^shardId-0*(\d+)$/.exec(shard)?.[1] ?? shard;
}
