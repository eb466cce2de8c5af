/**
 * Messages that are no part of a run: the poison that makes a service fail, and the pushes that nobody asked for. Each has
 * connections of its own, so that the run's account of its messages stays whole.
 */
import { randomBytes } from 'node:crypto';
import {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis';
import { STREAM } from '../../stack/template/resources/stream.ts';
import type { Pushes } from '../judge/claims/asynchronous.ts';
import type { Poison } from '../judge/claims/runs.ts';
import { connectionsToReach } from '../measure/reach.ts';
import type { StageFacts } from '../model/result.ts';
import { systemClock } from '../node/clock.ts';
import { wsDialer } from '../node/dialer.ts';
import type { Connection, Timer } from '../ports.ts';
import { clientSettings, connectionsEndpoint, namesOf } from './claims-aws.ts';

/** A connection that is not open by then won't be. */
const OPEN_WITHIN_MS = 10_000;

/** Time for the record to appear, and for a push to arrive. */
const RECORD_WITHIN_MS = 20_000;
const PUSH_WITHIN_MS = 5000;

const PUSHES = 20;

/** Between two reads of a shard: Kinesis allows five a second. */
const READ_EVERY_MS = 250;

type Hear = (text: string) => void;

/** An open connection that tells what it hears. Rejects when it can't be opened. */
function opened(url: string, hear: Hear): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const timer = systemClock.at(systemClock.now() + OPEN_WITHIN_MS, () =>
      reject(new Error('a connection did not open in time')),
    );
    const decoder = new TextDecoder();
    const connection = wsDialer().dial(url, {
      opened: () => {
        timer.cancel();
        resolve(connection);
      },
      received: (bytes, start, end) => hear(decoder.decode(bytes.subarray(start, end))),
      closed: () => {},
      failed: (code) => {
        timer.cancel();
        reject(new Error(`a connection could not be opened: ${code}`));
      },
    });
  });
}

/** Poison on open connections, waiting for its time. */
export interface ArmedPoison {
  /** Sends at the poison's time, which counts from here. UTC milliseconds. */
  measuring(fromEpochMs: number): void;
  readonly connections: number;
  close(): void;
}

/** Opens connections to reach every shard of the stage with. */
export async function armedPoison(facts: StageFacts, poison: Poison): Promise<ArmedPoison> {
  const connections: Connection[] = [];
  const wanted = connectionsToReach(await shardCount(facts));
  for (let index = 0; index < wanted; index++) connections.push(await opened(facts.url, () => {}));
  let timer: Timer | null = null;
  const send = (untilEpochMs: number) => {
    const body = { poison: { service: poison.service, until: Math.round(untilEpochMs) } };
    for (const connection of connections)
      if (connection.isOpen()) connection.send(Buffer.from(JSON.stringify(body)));
  };
  return {
    connections: connections.length,
    measuring: (fromEpochMs) => {
      const startMs = fromEpochMs - systemClock.epochAt(0) + poison.atMs;
      timer = systemClock.at(startMs, () => send(fromEpochMs + poison.atMs + poison.forMs));
    },
    close: () => {
      timer?.cancel();
      for (const connection of connections) connection.close();
    },
  };
}

async function shardCount(facts: StageFacts): Promise<number> {
  const { kinesis, streamName } = await streamOf(facts);
  return (await shardIds(kinesis, streamName)).length;
}

async function streamOf(facts: StageFacts) {
  const [streamName] = (await namesOf(facts, STREAM)).values();
  if (streamName === undefined) throw new Error('the stack has no stream');
  return { kinesis: new KinesisClient(clientSettings(facts)), streamName };
}

async function shardIds(kinesis: KinesisClient, StreamName: string): Promise<string[]> {
  const { Shards } = await kinesis.send(new ListShardsCommand({ StreamName }));
  return (Shards ?? []).map(({ ShardId }) => ShardId ?? '');
}

/** Pushes to a connection whose id a third program reads from the stream. What could not be done is told, not thrown. */
export async function unsolicitedPushes(facts: StageFacts): Promise<Pushes> {
  let connection: Connection | null = null;
  try {
    const arrivals = new Map<string, number>();
    connection = await opened(facts.url, (text) => arrivals.set(text, systemClock.now()));
    const marker = randomBytes(8).toString('hex');
    const reader = await streamReader(facts);
    connection.send(Buffer.from(JSON.stringify({ claims: marker })));
    const connectionId = await reader.connectionOf(marker);
    return await pushed(facts, connectionId, arrivals);
  } catch (error) {
    const problem = `Pushes could not be made: ${(error as Error).message}.`;
    return { accepted: 0, arrived: 0, medianMs: null, slowestMs: null, problem };
  } finally {
    connection?.close();
  }
}

async function pushed(
  facts: StageFacts,
  ConnectionId: string,
  arrivals: ReadonlyMap<string, number>,
): Promise<Pushes> {
  const { credentials, ...settings } = clientSettings(facts);
  const client = new ApiGatewayManagementApiClient({
    ...settings,
    endpoint: connectionsEndpoint(facts),
    ...(credentials === undefined ? {} : { credentials }),
  });
  const sentMs = new Map<string, number>();
  for (let index = 0; index < PUSHES; index++) {
    const Data = JSON.stringify({ unasked: index, nonce: randomBytes(8).toString('hex') });
    sentMs.set(Data, systemClock.now());
    await client.send(new PostToConnectionCommand({ ConnectionId, Data }));
  }
  const endMs = systemClock.now() + PUSH_WITHIN_MS;
  const took = () =>
    [...sentMs].flatMap(([text, ms]) => (arrivals.has(text) ? [arrivals.get(text)! - ms] : []));
  while (took().length < PUSHES && systemClock.now() < endMs) await pause(20);
  const sorted = took().sort((left, right) => left - right);
  return {
    accepted: PUSHES,
    arrived: sorted.length,
    medianMs: sorted[Math.floor(sorted.length / 2)] ?? null,
    slowestMs: sorted.at(-1) ?? null,
    problem: null,
  };
}

/** Reads what is written to the stream from now on, as any further service could. */
async function streamReader(facts: StageFacts) {
  const { kinesis, streamName: StreamName } = await streamOf(facts);
  const iterators = await Promise.all(
    (await shardIds(kinesis, StreamName)).map(async (ShardId) => {
      const command = new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: 'LATEST' });
      return (await kinesis.send(command)).ShardIterator;
    }),
  );
  return {
    /** The connection that sent the marker. */
    async connectionOf(marker: string): Promise<string> {
      const endMs = systemClock.now() + RECORD_WITHIN_MS;
      while (systemClock.now() < endMs) {
        for (const [index, ShardIterator] of iterators.entries()) {
          if (ShardIterator === undefined) continue;
          const answer = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
          iterators[index] = answer.NextShardIterator;
          for (const { Data } of answer.Records ?? []) {
            const found = senderOf(Data ?? new Uint8Array(), marker);
            if (found !== null) return found;
          }
        }
        await pause(READ_EVERY_MS);
      }
      throw new Error('the message did not appear in the stream');
    },
  };
}

/** The connection id in the envelope around a body that holds the marker. */
function senderOf(data: Uint8Array, marker: string): string | null {
  try {
    const { connectionId, body } = JSON.parse(Buffer.from(data).toString()) as Record<string, unknown>;
    const isOurs = typeof body === 'string' && Buffer.from(body, 'base64').toString().includes(marker);
    return isOurs && typeof connectionId === 'string' ? connectionId : null;
  } catch {
    return null;
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => systemClock.at(systemClock.now() + ms, resolve));
}
