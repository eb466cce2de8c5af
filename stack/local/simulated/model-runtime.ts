/**
 * Models the reference stack's services without running their code, for simulations where speed matters. The echo
 * service, recognised by the variables its template gives it, posts each record's body back: connections side by
 * side, the messages of one in order. Any other function takes its batch and succeeds. Unlike the code, the model
 * does not retry a post within its invocation: it hands the message back to the mapping at once, which retries. That
 * both come to the same figures is a test (bench/sim/simulate.test.ts).
 */
import type { FunctionSettings } from '../function/function-settings.ts';
import {
  type EnvironmentContext,
  type ExecutionEnvironment,
  exited,
  type FunctionRuntime,
  failedOutcome,
  type Outcome,
  type RunnableCode,
} from '../function/runtime.ts';
import type { Apis, ApiTarget } from '../gateway/apis.ts';
import type { invocationEvent } from '../mapping/batch.ts';
import { epochNow } from '../waiting.ts';
import type { SimulatedRuntimeOptions } from './code-runtime.ts';

type KinesisEvent = ReturnType<typeof invocationEvent>;
type EventRecord = KinesisEvent['Records'][number];

interface Envelope {
  readonly connectionId: string;
  readonly body: string;
  readonly requestTimeEpoch: number;
}

interface Message {
  readonly record: EventRecord;
  readonly index: number;
  readonly envelope: Envelope;
}

/** What the hops of a batch's messages have in common. */
interface Batch {
  readonly size: number;
  readonly requestId: string;
  readonly coldStart: boolean;
  readonly startedMs: number;
  /** Index of the first record to hand back, behind which no post is begun; Infinity for none. */
  resumeFrom: number;
}

export class ModelRuntime implements FunctionRuntime {
  readonly ready = Promise.resolve();
  readonly #apis: Apis;

  constructor({ apis }: SimulatedRuntimeOptions) {
    this.#apis = apis;
  }

  deploy({ variables }: FunctionSettings): RunnableCode {
    const { CALLBACK_URL } = variables;
    return {
      start: (context) => new ModelEnvironment(context, CALLBACK_URL ?? null, this.#apis),
      remove: () => {},
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

class ModelEnvironment implements ExecutionEnvironment {
  alive = true;
  readonly #context: EnvironmentContext;
  readonly #callbackUrl: URL | null;
  readonly #apis: Apis;
  #isCold = true;
  /** Fails the event under way; does nothing after it has ended. */
  #killed: () => void = () => {};

  constructor(context: EnvironmentContext, callbackUrl: string | null, apis: Apis) {
    this.#context = context;
    this.#callbackUrl = callbackUrl === null ? null : new URL(callbackUrl);
    this.#apis = apis;
  }

  invoke(requestId: string, event: unknown): Promise<Outcome> {
    if (!this.alive) return Promise.resolve({ kind: 'undelivered' });
    const { clock } = this.#context;
    const startedMs = clock.now();
    const coldStart = this.#isCold;
    this.#isCold = false;
    return new Promise((settle) => {
      this.#killed = () => settle(failedOutcome(requestId, KILLED, clock.now() - startedMs));
      this.#echo(event as KinesisEvent, requestId, coldStart).then((first) =>
        settle({ kind: 'ok', payload: answerOf(first), durationMs: clock.now() - startedMs }),
      );
    });
  }

  /** An event under way has failed, and what it has not posted yet is not posted. */
  kill(): Promise<void> {
    if (this.alive) {
      this.alive = false;
      this.#context.ended(this);
      this.#killed();
    }
    return Promise.resolve();
  }

  /** Posts what the event holds and returns the sequence number to resume from; null when all is dealt with. */
  async #echo({ Records }: KinesisEvent, requestId: string, coldStart: boolean): Promise<string | null> {
    const url = this.#callbackUrl;
    const target = url === null ? undefined : this.#apis.find(url.host, url.pathname);
    if (target === undefined) return null;
    const facts = {
      size: Records.length,
      requestId,
      coldStart,
      startedMs: Math.floor(epochNow(this.#context.clock)),
    };
    const batch: Batch = { ...facts, resumeFrom: Number.POSITIVE_INFINITY };
    const groups = [...byConnection(Records)];
    await Promise.all(
      groups.map(([connectionId, messages]) => this.#postInOrder(target, connectionId, messages, batch)),
    );
    return Records[batch.resumeFrom]?.kinesis.sequenceNumber ?? null;
  }

  async #postInOrder(
    { gateway, path }: ApiTarget,
    connectionId: string,
    messages: readonly Message[],
    batch: Batch,
  ): Promise<void> {
    const stageName = path.split('/', 2)[1] ?? '';
    for (const message of messages) {
      if (!this.alive || message.index > batch.resumeFrom) return;
      const body = Buffer.from(message.envelope.body, 'base64');
      const data = asksForTrace(body)
        ? traced(message, body, batch, Math.floor(epochNow(this.#context.clock)))
        : body;
      const answer = await gateway.post(stageName, connectionId, data);
      if (answer.ok || answer.status === 413 || answer.status === 400) continue;
      // Unless the client left: its other messages have no reader either.
      if (answer.status !== 410) batch.resumeFrom = Math.min(batch.resumeFrom, message.index);
      return;
    }
  }
}

const KILLED = exited('with error: signal: SIGKILL');
const NONE_FAILED = JSON.stringify({ batchItemFailures: [] });

function answerOf(first: string | null): string {
  return first === null ? NONE_FAILED : JSON.stringify({ batchItemFailures: [{ itemIdentifier: first }] });
}

function byConnection(records: readonly EventRecord[]): Map<string, Message[]> {
  const groups = new Map<string, Message[]>();
  records.forEach((record, index) => {
    const envelope = envelopeOf(record);
    if (envelope === null) return;
    const message = { record, index, envelope };
    const group = groups.get(envelope.connectionId);
    if (group) group.push(message);
    else groups.set(envelope.connectionId, [message]);
  });
  return groups;
}

function envelopeOf({ kinesis }: EventRecord): Envelope | null {
  try {
    const envelope = JSON.parse(Buffer.from(kinesis.data, 'base64').toString()) as Envelope;
    const isWhole = typeof envelope.body === 'string' && typeof envelope.connectionId === 'string';
    return isWhole && envelope.connectionId !== '' ? envelope : null;
  } catch {
    return null;
  }
}

/** Looked for before it is parsed: most messages ask for nothing. Written otherwise than by the driver it is not seen. */
function asksForTrace(body: Buffer): boolean {
  if (!body.includes('"trace":"1"')) return false;
  try {
    const message = JSON.parse(body.toString()) as { readonly trace?: unknown } | null;
    return !Array.isArray(message) && message?.trace === '1';
  } catch {
    return false;
  }
}

function traced({ record, index, envelope }: Message, body: Buffer, batch: Batch, postedMs: number): Buffer {
  const hops = {
    shard: record.eventID.split(':')[0],
    record: record.kinesis.sequenceNumber,
    gatewayMs: envelope.requestTimeEpoch,
    arrivedMs: Math.round(record.kinesis.approximateArrivalTimestamp * 1000),
    startedMs: batch.startedMs,
    postedMs,
    batchSize: batch.size,
    batchIndex: index,
    requestId: batch.requestId,
    coldStart: batch.coldStart,
  };
  const end = body.lastIndexOf('}');
  const text = Buffer.from(`,"hops":${JSON.stringify(hops)}`);
  return Buffer.concat([body.subarray(0, end), text, body.subarray(end)]);
}
