/**
 * Where the machines of a fleet meet: a folder of small files that all of them reach, and nothing else. The plan and the
 * agreed start go in, progress and partials come out. A shared directory will do, and so will a bucket.
 */
import { OperatingError } from '../model/failure.ts';
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
  /** Removes the file; one that is not there is no error. */
  remove(name: string): Promise<void>;
  /** Names of the files directly in the store that begin with the prefix, sorted. */
  list(prefix: string): Promise<string[]>;
  /** Writes a file and resolves with what time the store says that was, UTC milliseconds. */
  clock(name: string): Promise<number>;
}

/** The store could not do what it was asked, for a reason that the user can act on: the message says it. */
export class StoreError extends OperatingError {}

/** A part of a store, by a name with a slash at neither end. */
export function within(uri: string, name: string): string {
  return `${uri.replace(/\/+$/, '')}/${name}`;
}
