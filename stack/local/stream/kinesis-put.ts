/** Checks a PutRecord request as Kinesis does, before any shard is asked. Limits: PutRecord API reference. */
import type { ActionResult, PutRecordInput } from '../ports.ts';
import { MAX_HASH_KEY } from './shard-range.ts';

const PARTITION_KEY_CHARACTERS = 256;

/** What a valid request asks for. */
export interface PutRequest {
  readonly data: Buffer;
  readonly partitionKey: string;
  readonly explicitHashKey: bigint | null;
}

/** A put's members as they come: from a request template with base64, from the SDK's protocols with bytes. */
export type PutInput = Omit<PutRecordInput, 'Data'> & { readonly Data: string | Uint8Array };

type Refusal = Extract<ActionResult<never>, { ok: false }>;

/** An error answer with status 400, as every client error of Kinesis has. */
export function refusal(code: string, message: string): Refusal {
  return { ok: false, status: 400, code, message };
}

/**
 * The request decoded, or the answer that Kinesis gives to an invalid one. `recordBytes` bounds data and key together;
 * `path` is where the members are in the request, as errors name it.
 */
export function parsePut(input: PutInput, recordBytes: number, path = ''): ActionResult<PutRequest> {
  const keyProblem = partitionKeyProblem(input.PartitionKey);
  if (keyProblem) return invalid(`${path}partitionKey`, keyProblem);
  const explicitHashKey = hashKeyIn(input.ExplicitHashKey);
  if (explicitHashKey === 'invalid') {
    return refusal(
      'InvalidArgumentException',
      `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${input.ExplicitHashKey}`,
    );
  }
  const data = dataIn(input.Data);
  if (!data) return refusal('SerializationException', 'Data is not valid base64');
  if (data.length + Buffer.byteLength(input.PartitionKey) > recordBytes) {
    return invalid(`${path}data`, `Member must have length less than or equal to ${recordBytes}`);
  }
  return { ok: true, value: { data, partitionKey: input.PartitionKey, explicitHashKey } };
}

function invalid(member: string, constraint: string): Refusal {
  const text = `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${constraint}`;
  return refusal('ValidationException', text);
}

function partitionKeyProblem(key: unknown): string | null {
  if (typeof key !== 'string') return 'Member must not be null';
  if (key.length === 0) return 'Member must have length greater than or equal to 1';
  if (key.length <= PARTITION_KEY_CHARACTERS) return null;
  // Kinesis counts Unicode characters, JavaScript UTF-16 units: only a long key is worth counting properly.
  const characters = [...key].length;
  return characters > PARTITION_KEY_CHARACTERS
    ? `Member must have length less than or equal to ${PARTITION_KEY_CHARACTERS}`
    : null;
}

function hashKeyIn(text: unknown): bigint | null | 'invalid' {
  if (text === undefined || text === null) return null;
  if (typeof text !== 'string' || !/^(0|[1-9]\d{0,38})$/.test(text)) return 'invalid';
  const value = BigInt(text);
  return value <= MAX_HASH_KEY ? value : 'invalid';
}

function dataIn(data: unknown): Buffer | null {
  return data instanceof Uint8Array ? Buffer.from(data) : decodeBase64(data);
}

function decodeBase64(text: unknown): Buffer | null {
  if (typeof text !== 'string' || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  return Buffer.from(text, 'base64');
}
