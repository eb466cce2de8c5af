/**
 * A store in an S3 bucket. Objects are written whole by nature; `If-None-Match: *` keeps a second writer from replacing the
 * first (Amazon S3 user guide, "Conditional writes"). S3 says when an object was written to the second. What AWS refuses is
 * a {@link StoreError} that says what to do about it; what passes by itself is tried again before anyone hears of it.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { ConfigurationError } from '../model/failure.ts';
import { type AwsSettings, awsClientSettings, awsProblem } from './aws-client.ts';
import { type Store, StoreError } from './store.ts';

/** Last-Modified is an HTTP date (RFC 9110, section 5.6.7). */
const SECOND_MS = 1_000;

/** A thousand workers that write once in five seconds are 200 requests/s, of 3,500 that a prefix takes. */
const PROGRESS_MS = 5_000;

/** Attempts of what the SDK does not repeat: a conflict of writers, and a body that broke off after the answer began. */
const ATTEMPTS = 4;

/** Wait before the second attempt; twice as long before each further one. */
const RETRY_MS = 100;

const PERMISSIONS =
  's3:GetObject, s3:PutObject and s3:DeleteObject on its objects, and s3:ListBucket on the bucket';

interface Location {
  readonly bucket: string;
  /** Without slashes around it; empty for none. */
  readonly prefix: string;
}

type Client = typeof import('@aws-sdk/client-s3');

/** Opens the store. Throws {@link ConfigurationError} when the URI is none of a bucket. */
export async function openS3Store(uri: string, settings: AwsSettings = {}): Promise<Store> {
  const location = locationOf(uri);
  const sdk = await import('@aws-sdk/client-s3');
  const client = new sdk.S3Client({
    ...awsClientSettings(settings),
    followRegionRedirects: true,
    // Without a domain per bucket an endpoint on this machine will do as well.
    forcePathStyle: [settings.client, process.env.AWS_ENDPOINT_URL, process.env.AWS_ENDPOINT_URL_S3].some(
      Boolean,
    ),
  });
  return new S3Store(location, sdk, client, settings.retryMs ?? RETRY_MS);
}

/** Keys are taken as they are written: a `%20` in a URI is three characters of the key, as it is for the AWS CLI. */
function locationOf(uri: string): Location {
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]*)(.*)$/is.exec(uri) ?? [];
  if (bucket === '') throw new ConfigurationError([`store: ${uri} names no bucket: s3://bucket/prefix`]);
  if (/[?#@:\s]/.test(bucket) || /[?#]/.test(path))
    throw new ConfigurationError([`store: ${uri} is more than a bucket and a prefix: s3://bucket/prefix`]);
  return { bucket, prefix: path.replaceAll(/^\/+|\/+$/g, '') };
}

class S3Store implements Store {
  readonly uri: string;
  readonly resolutionMs = SECOND_MS;
  readonly progressMs = PROGRESS_MS;
  readonly #location: Location;
  readonly #sdk: Client;
  readonly #client: S3Client;
  readonly #retryMs: number;

  constructor(location: Location, sdk: Client, client: S3Client, retryMs: number) {
    this.#location = location;
    this.#sdk = sdk;
    this.#client = client;
    this.#retryMs = retryMs;
    this.uri = `s3://${location.bucket}${location.prefix === '' ? '' : `/${location.prefix}`}`;
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    await this.#told(this.#client.send(new this.#sdk.PutObjectCommand({ ...this.#at(name), Body: bytes })));
  }

  async add(name: string, bytes: Uint8Array): Promise<boolean> {
    const command = { ...this.#at(name), Body: bytes, IfNoneMatch: '*' };
    try {
      // "On a 409 failure you should retry the upload" (Amazon S3 API reference, PutObject, If-None-Match).
      await this.#repeated('ConditionalRequestConflict', () =>
        this.#client.send(new this.#sdk.PutObjectCommand(command)),
      );
      return true;
    } catch (error) {
      if (codeOf(error) !== 'PreconditionFailed') throw this.#problem(error);
      if (attemptsOf(error) === 1) return false;
    }
    // An attempt whose answer was lost may have written all the same, and met itself when it was repeated.
    const there = await this.get(name);
    return there !== null && Buffer.compare(there, bytes) === 0;
  }

  async get(name: string): Promise<Uint8Array | null> {
    // The SDK repeats a request that got no answer, but not the reading of one that broke off, or has a wrong checksum.
    const reading = this.#repeated(null, async () => {
      const answer = await this.#client
        .send(new this.#sdk.GetObjectCommand(this.#at(name)))
        .catch((error: unknown) => {
          if (codeOf(error) === 'NoSuchKey') return null;
          throw new Answered(error);
        });
      return answer === null ? null : ((await answer.Body?.transformToByteArray()) ?? null);
    });
    return this.#told(reading);
  }

  async remove(name: string): Promise<void> {
    await this.#told(this.#client.send(new this.#sdk.DeleteObjectCommand(this.#at(name))));
  }

  async list(start: string): Promise<string[]> {
    const { Bucket, Key } = this.#at(start);
    const names: string[] = [];
    const pages = this.#sdk.paginateListObjectsV2(
      { client: this.#client },
      { Bucket, Prefix: Key, Delimiter: '/' },
    );
    const reading = async () => {
      for await (const { Contents = [] } of pages) {
        for (const { Key: key = '' } of Contents) names.push(key.slice(key.lastIndexOf('/') + 1));
      }
    };
    await this.#told(reading());
    return names.sort();
  }

  async clock(name: string): Promise<number> {
    await this.put(name, new Uint8Array());
    const head = this.#client.send(new this.#sdk.HeadObjectCommand(this.#at(name)));
    const { LastModified } = await this.#told(head);
    // The time is known; a file that may not be deleted is empty, and goes when the bucket's old runs go.
    await this.#client.send(new this.#sdk.DeleteObjectCommand(this.#at(name))).catch(() => {});
    if (LastModified === undefined) throw new StoreError(`${this.uri} does not say when ${name} was written`);
    return LastModified.getTime();
  }

  #at(name: string): { Bucket: string; Key: string } {
    const { bucket, prefix } = this.#location;
    return { Bucket: bucket, Key: prefix === '' ? name : `${prefix}/${name}` };
  }

  /** Tries again after errors of that code; null means any but those that were {@link Answered}. */
  async #repeated<T>(code: string | null, attempt: () => Promise<T>): Promise<T> {
    for (let tried = 1; ; tried++) {
      try {
        return await attempt();
      } catch (error) {
        const isWorthIt = code === null ? !(error instanceof Answered) : codeOf(error) === code;
        if (!isWorthIt || tried === ATTEMPTS) throw error;
        await wait(this.#retryMs * 2 ** (tried - 1));
      }
    }
  }

  async #told<T>(asking: Promise<T>): Promise<T> {
    try {
      return await asking;
    } catch (error) {
      throw this.#problem(error);
    }
  }

  #problem(error: unknown): StoreError {
    if (error instanceof StoreError) return error;
    const cause = error instanceof Answered ? error.cause : error;
    return new StoreError(awsProblem(cause, { subject: `store: ${this.uri}`, permissions: PERMISSIONS }), {
      cause,
    });
  }
}

/** A failure that the SDK has already repeated as often as it is worth. */
class Answered extends Error {
  constructor(cause: unknown) {
    super('', { cause });
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined;
}

/** Requests that the SDK made until it threw. */
function attemptsOf(error: unknown): number {
  return (error as { $metadata?: { attempts?: number } }).$metadata?.attempts ?? 1;
}
