/**
 * A store in an S3 bucket. Objects are written whole by nature; `If-None-Match: *` keeps a second writer from replacing the
 * first (Amazon S3 user guide, "Conditional writes"). S3 says when an object was written to the second.
 */
import { ConfigurationError } from '../edge/plan-file.ts';
import type { Store } from './store.ts';

/** Last-Modified is an HTTP date (RFC 9110, section 5.6.7). */
const SECOND_MS = 1_000;

/** A thousand workers that write once in five seconds are 200 requests/s, of 3,500 that a prefix takes. */
const PROGRESS_MS = 5_000;

/** Opens the store. Throws {@link ConfigurationError} when the URI has no bucket, or the client is not installed. */
export async function openS3Store(uri: string): Promise<Store> {
  const { hostname: bucket, pathname } = new URL(uri);
  if (bucket === '') throw new ConfigurationError([`store: ${uri} names no bucket: s3://bucket/prefix`]);
  const prefix = pathname.replaceAll(/^\/+|\/+$/g, '');
  const {
    S3Client,
    PutObjectCommand,
    GetObjectCommand,
    HeadObjectCommand,
    DeleteObjectCommand,
    paginateListObjectsV2,
  } = await import('@aws-sdk/client-s3');
  // Without a domain per bucket an endpoint on this machine will do as well.
  const client = new S3Client({ forcePathStyle: process.env.AWS_ENDPOINT_URL !== undefined });
  const at = (name: string) => ({ Bucket: bucket, Key: prefix === '' ? name : `${prefix}/${name}` });

  async function put(name: string, bytes: Uint8Array): Promise<void> {
    await client.send(new PutObjectCommand({ ...at(name), Body: bytes }));
  }

  return {
    uri: `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`,
    resolutionMs: SECOND_MS,
    progressMs: PROGRESS_MS,
    put,
    async add(name, bytes) {
      try {
        await client.send(new PutObjectCommand({ ...at(name), Body: bytes, IfNoneMatch: '*' }));
        return true;
      } catch (error) {
        if (error instanceof Error && error.name === 'PreconditionFailed') return false;
        throw error;
      }
    },
    async get(name) {
      try {
        const { Body } = await client.send(new GetObjectCommand(at(name)));
        return (await Body?.transformToByteArray()) ?? null;
      } catch (error) {
        if (error instanceof Error && error.name === 'NoSuchKey') return null;
        throw error;
      }
    },
    async list(start) {
      const names: string[] = [];
      const { Bucket, Key } = at(start);
      const pages = paginateListObjectsV2({ client }, { Bucket, Prefix: Key, Delimiter: '/' });
      for await (const { Contents = [] } of pages) {
        for (const { Key: key = '' } of Contents) names.push(key.slice(key.lastIndexOf('/') + 1));
      }
      return names.sort();
    },
    async clock(name) {
      await put(name, new Uint8Array());
      const { LastModified } = await client.send(new HeadObjectCommand(at(name)));
      await client.send(new DeleteObjectCommand(at(name)));
      if (LastModified === undefined) throw new Error(`${uri} does not say when ${name} was written`);
      return LastModified.getTime();
    },
  };
}
