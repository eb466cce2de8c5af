/**
 * Where the machines of a fleet meet: a folder of small files that all of them reach, and nothing else. The plan and the
 * agreed start go in, progress and partials come out. A shared directory will do, and so will a bucket.
 */
import { pathToFileURL } from 'node:url';
import { ConfigurationError } from '../edge/plan-file.ts';

export interface Store {
  /** `file:///…` or `s3://bucket/prefix`, without a slash at its end. */
  readonly uri: string;
  /** What {@link clock} answers is cut off to a multiple of this, or behind by up to it. */
  readonly resolutionMs: number;
  /** How often a worker may write its progress: what the store takes well, and costs little. */
  readonly progressMs: number;
  /** Writes the file whole, over what is there. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Writes the file whole unless there is one; false when there is. */
  add(name: string, bytes: Uint8Array): Promise<boolean>;
  /** The file, or null when there is none. */
  get(name: string): Promise<Uint8Array | null>;
  /** Names of the files directly in the store that begin with the prefix, sorted. */
  list(prefix: string): Promise<string[]>;
  /** Writes a file and answers what time the store says that was, UTC milliseconds. */
  clock(name: string): Promise<number>;
}

/** Opens the store at a URI, or in a directory. Throws {@link ConfigurationError}. */
export async function openStore(uri: string): Promise<Store> {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined || scheme === 'file') {
    const { FileStore } = await import('./store-file.ts');
    return new FileStore(scheme === undefined ? pathToFileURL(uri) : fileUrl(uri));
  }
  if (scheme === 's3') {
    const { openS3Store } = await import('./store-s3.ts');
    return openS3Store(uri);
  }
  throw new ConfigurationError([
    `store: ${uri} is neither file:///… nor s3://bucket/prefix, nor a directory`,
  ]);
}

function fileUrl(uri: string): URL {
  const url = new URL(uri);
  if (url.host === '' || url.host === 'localhost') return url;
  throw new ConfigurationError([
    `store: ${uri} names a host; a directory is file:///path, with three slashes`,
  ]);
}

/** A part of a store, by a name with a slash at neither end. */
export function within(uri: string, name: string): string {
  return `${uri.replace(/\/+$/, '')}/${name}`;
}
