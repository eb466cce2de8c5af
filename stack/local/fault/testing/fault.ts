/** What the tests of faults share: faults in one line, and a gateway whose functions are a few lines of the test. */
import assert from 'node:assert/strict';
import { seededRandom } from '../../../../bench/measure/random.ts';
import { type Fault, type FaultPlan, PLAIN_FAULT } from '../../../../bench/model/fault.ts';
import { VirtualClock } from '../../../../bench/sim/virtual-clock.ts';
import type { ClientSocket, GatewayConnection } from '../../gateway/connection.ts';
import { Gateway } from '../../gateway/gateway.ts';
import { gatewayConfigs } from '../../gateway/gateway-config.ts';
import { accountThrottles } from '../../gateway/stage-state.ts';
import { apiStack, CountingMetrics, PUT_OK, type PutResult } from '../../gateway/testing/gateway.ts';
import type { PutRecordInput } from '../../ports.ts';
import { IDEAL_PROFILE, type Profile } from '../../profile.ts';
import { FaultInjector } from '../fault-injector.ts';
import { FaultyGateway } from '../faulty-gateway.ts';
import { FaultyWriter } from '../faulty-writer.ts';

/** A fault at work from the first second to the end, on everything, unless the settings say otherwise. */
export function fault(settings: Pick<Fault, 'where' | 'do'> & Partial<Fault>): Fault {
  return {
    ...PLAIN_FAULT,
    name: `${settings.where} ${settings.do}`,
    ...settings,
  };
}

export function planOf(...faults: readonly Fault[]): FaultPlan {
  return { faults };
}

/** A message as the driver's are: it numbers itself. */
export function numbered(stream: string, sequence: number): string {
  return JSON.stringify({ stream, sequence: String(sequence) });
}

/** A client's end, which keeps what reaches it and how it ended. */
export class FakeClient implements ClientSocket {
  readonly frames: string[] = [];
  readonly framesMs: number[] = [];
  endedWith: number | null = null;
  isPaused = false;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  sendText(body: Buffer): void {
    this.frames.push(body.toString());
    this.framesMs.push(this.#clock.now());
  }
  close(code: number): void {
    this.endedWith ??= code;
  }
  reset(): void {
    this.endedWith ??= 1006;
  }
  backlogBytes(): number {
    return 0;
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }

  /** Numbers of the messages in the order they came. Frames that are no messages are left out. */
  get sequences(): number[] {
    const parsed = this.frames.map((frame) => JSON.parse(frame) as { sequence?: string });
    return parsed.flatMap(({ sequence }) => (sequence === undefined ? [] : [Number(sequence)]));
  }
}

export interface Client {
  readonly connection: GatewayConnection;
  readonly socket: FakeClient;
}

/** A gateway, and an echo that posts every record back at once, each after the answer to the one before. */
export class EchoStage {
  readonly clock = new VirtualClock(1_000_000);
  readonly metrics = new CountingMetrics();
  readonly puts: string[] = [];
  readonly posts: boolean[] = [];
  readonly faults: FaultInjector | null;
  readonly gateway: Gateway;
  /** Every frame that left, as the tap was told. */
  readonly left: [string, string][] = [];
  answer: (input: PutRecordInput) => Promise<PutResult> = () => Promise.resolve(PUT_OK);
  /** Index of the shard of every put. */
  shard = 0;

  /** Without a plan, a gateway as it is. `putMs` is how long a put takes. */
  constructor(plan: FaultPlan | null, profile: Profile = IDEAL_PROFILE) {
    const { clock, metrics } = this;
    const tap = (connectionId: string, text: string) => void this.left.push([connectionId, text]);
    const random = seededRandom(1);
    this.faults = plan && new FaultInjector({ plan, clock, random: random.fork('faults'), tap });
    const [config] = gatewayConfigs(apiStack());
    assert.ok(config, 'the stack has an API');
    const kinesis = { putRecord: (input: PutRecordInput) => this.#put(input) };
    const throttles = accountThrottles(profile.quotas, clock);
    const options = { config, kinesis, clock, random, profile, metrics, throttles, log: () => {} };
    if (this.faults === null) {
      this.gateway = new Gateway(options);
      return;
    }
    const { faults } = this;
    const writer = new FaultyWriter({ kinesis, faults, shardOf: () => this.shard, metrics });
    this.gateway = new FaultyGateway({ ...options, kinesis: writer }, faults);
  }

  /** Measurement starts now. */
  measure(): this {
    this.faults?.measuring(this.clock.epochAt(this.clock.now()));
    return this;
  }

  connect(): Client {
    const admission = this.gateway.admit({ path: '/v1', sourceIp: '127.0.0.1', userAgent: 'test' });
    assert.ok(admission.ok, 'there is no quota of connections');
    const socket = new FakeClient(this.clock);
    return { connection: admission.accept(socket), socket };
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    const { clock } = this;
    await clock.runUntil(new Promise<void>((resolve) => clock.at(clock.now() + ms, resolve)));
    await clock.runUntil(Promise.resolve());
  }

  /** Sends the messages of a stream, one every `everyMs`. */
  async send(client: Client, stream: string, sequences: readonly number[], everyMs = 10): Promise<void> {
    for (const sequence of sequences) {
      client.connection.received(numbered(stream, sequence));
      await this.pass(everyMs);
    }
  }

  async #put(input: PutRecordInput): Promise<PutResult> {
    const answer = await this.answer(input);
    if (!answer.ok) return answer;
    const text = Buffer.from(input.Data as string, 'base64').toString();
    this.puts.push(text);
    void this.gateway.post('v1', input.PartitionKey, Buffer.from(text)).then(({ ok }) => this.posts.push(ok));
    return answer;
  }
}
