/** A store in a directory that all machines see: a local one, or NFS, Lustre, EFS, as clusters have them. */
import { link, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { makeDirectory } from '../node/directory.ts';
import { type Store, StoreError } from './store.ts';

/** Linux stamps files with the time of the last tick, 1 to 10 ms ago by the kernel's configuration (CONFIG_HZ). */
const TICK_MS = 10;

export class FileStore implements Store {
  readonly uri: string;
  readonly resolutionMs = TICK_MS;
  readonly progressMs = 1_000;
  readonly #directory: string;
  #drafts = 0;

  constructor(url: URL) {
    this.#directory = path.resolve(fileURLToPath(url));
    this.uri = pathToFileURL(this.#directory).href;
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    await this.#written(name, bytes, (draft) => rename(draft, this.#pathOf(name)));
  }

  /** A hard link is made whole or not at all, and not over another file: link(2), on NFS too. */
  async add(name: string, bytes: Uint8Array): Promise<boolean> {
    try {
      await this.#written(name, bytes, (draft) => link(draft, this.#pathOf(name)));
      return true;
    } catch (error) {
      if (error instanceof StoreError && isLinkTaken(error.cause)) return false;
      throw error;
    }
  }

  async get(name: string): Promise<Uint8Array | null> {
    const bytes = readFile(this.#pathOf(name)).catch((error: unknown) => {
      // Something that is no file is as unreadable as a file of garbage.
      if (codeOf(error) === 'EISDIR') return new Uint8Array();
      throw error;
    });
    return bytes.catch(missing(null)).catch(this.#refused);
  }

  /** The directory goes with its last file. */
  async remove(name: string): Promise<void> {
    await rm(this.#pathOf(name), { force: true }).catch(this.#refused);
    await rmdir(this.#directory).catch(() => {});
  }

  async list(prefix: string): Promise<string[]> {
    const names = await readdir(this.#directory).catch(missing<string[]>([])).catch(this.#refused);
    return names.filter((name) => name.startsWith(prefix) && !name.endsWith('.tmp')).sort();
  }

  async clock(name: string): Promise<number> {
    const file = this.#pathOf(name);
    try {
      makeDirectory(this.#directory);
      await writeFile(file, '');
      const { mtimeMs } = await stat(file);
      return mtimeMs;
    } catch (error) {
      return this.#refused(error);
    } finally {
      await rm(file, { force: true }).catch(() => {});
    }
  }

  async #written(name: string, bytes: Uint8Array, settle: (draft: string) => Promise<void>): Promise<void> {
    // Two machines may have the same process id.
    const draft = this.#pathOf(`.${name}.${hostname()}.${process.pid}.${this.#drafts++}.tmp`);
    try {
      makeDirectory(this.#directory);
      await writeFile(draft, bytes);
      await settle(draft);
    } catch (error) {
      this.#refused(error);
    } finally {
      await rm(draft, { force: true }).catch(() => {});
    }
  }

  /** What the file system says no to: permission, space, a directory that is a file. */
  readonly #refused = (error: unknown): never => {
    if (codeOf(error) === undefined) throw error;
    throw new StoreError(`The store ${this.uri} can't be used: ${(error as Error).message}`, {
      cause: error,
    });
  };

  #pathOf(name: string): string {
    return path.join(this.#directory, name);
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** A directory that can't be made, because a file has its name, has the same code. */
function isLinkTaken(error: unknown): boolean {
  return codeOf(error) === 'EEXIST' && (error as NodeJS.ErrnoException).syscall === 'link';
}

function missing<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return value;
    throw error;
  };
}
