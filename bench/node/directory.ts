/**
 * Directories that commands write into: made with their parents, and claimed, so that two commands that write at the same
 * time never write into one. A claim is a file that exists once: it names its process, and one whose process is gone counts
 * for nothing. Where the directory can't take the results in the end – a disk may be full, read-only or gone by then – they go to the
 * system's temporary directory, and the user is told what is where.
 */

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Makes a directory and the parents it lacks, and returns the first one made. Node's own recursive mkdir never returns where
 * a parent exists but takes no children, such as /proc.
 */
export function makeDirectory(directory: string): string | undefined {
  if (existsSync(directory)) return undefined;
  const made = makeDirectory(path.dirname(directory));
  try {
    mkdirSync(directory);
  } catch (error) {
    // Somebody else made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return made;
  }
  return made ?? directory;
}

/** Removes a directory that is empty, then its parents up to `top`. */
export function removeEmpty(directory: string, top: string): void {
  try {
    for (let at = directory; at.startsWith(top); at = path.dirname(at)) rmdirSync(at);
  } catch {
    // Not empty, or gone: then it is not ours to remove.
  }
}

const CLAIM = '.claim';

/** What a process that was killed while it wrote leaves. */
const DRAFT = /\.\d+\.tmp$/;

/** Names in a directory but for those that a command keeps there while it works. */
export function contentsOf(directory: string): string[] {
  return readdirSync(directory).filter((name) => name !== CLAIM && !DRAFT.test(name));
}

/** A directory that another command writes into. */
export class DirectoryInUse extends Error {}

/** The places that this process has claimed, by the file that says so. */
const held = new Set<string>();

const OWNER = `${process.pid} ${hostname()}\n`;

/** Claims the directory for this process. @throws DirectoryInUse, or the file system's error */
export function claim(directory: string): void {
  const file = path.join(directory, CLAIM);
  try {
    writeFileSync(file, OWNER, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    takeOver(file, directory);
  }
  held.add(file);
}

/** Gives it back. A claim that is not held, or is gone, is none. */
export function release(directory: string): void {
  const file = path.join(directory, CLAIM);
  if (held.delete(file)) remove(file);
}

/** Gives back what this process still holds. */
export function releaseAll(): void {
  for (const file of held) remove(file);
  held.clear();
}

process.on('exit', releaseAll);

function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // A disk that takes no changes any more. The process is named in it, and soon gone.
  }
}

/** The claim of a process that is gone. Two that find it at the same time are told apart by who moves it away. */
function takeOver(file: string, directory: string): void {
  const owner = readFileSync(file, 'utf8');
  if (held.has(file) || isAlive(owner)) throw new DirectoryInUse(inUse(directory, file, owner));
  const stale = `${file}.${process.pid}.tmp`;
  renameSync(file, stale);
  const moved = readFileSync(stale, 'utf8');
  if (moved !== owner) {
    renameSync(stale, file);
    throw new DirectoryInUse(inUse(directory, file, moved));
  }
  rmSync(stale);
  writeFileSync(file, OWNER, { flag: 'wx' });
}

function inUse(directory: string, file: string, owner: string): string {
  const [pid = '', host = ''] = owner.trim().split(' ');
  const who = pid === '' ? 'another command' : `process ${pid} on ${host}`;
  return `${directory} is being written by ${who}; name another directory, or wait for its end (if nothing runs there any more, remove ${file})`;
}

/** Whether its process may still run. One of another machine may, and so may one that has only begun to write its claim. */
function isAlive(owner: string): boolean {
  const [pid, host] = owner.trim().split(' ');
  if (pid === undefined || host !== hostname()) return true;
  // A process id that is ours, of a claim that is not: a process before this one had it.
  if (Number(pid) === process.pid) return false;
  try {
    return process.kill(Number(pid), 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

export interface Written {
  /** Where it is: what was asked for, or another directory. Null where nothing could be written. */
  readonly directory: string | null;
  /** What went wrong, and what is where, in sentences; null where all of it is in its directory. */
  readonly trouble: string | null;
}

type Writing = (directory: string) => unknown;

/** Writes into the directory; into another one where it can't. Whatever goes wrong is told, not thrown. */
export async function writeOrElsewhere(directory: string, write: Writing): Promise<Written> {
  const problem = await attempt(directory, write);
  if (problem === null) return { directory, trouble: null };
  if (!isOfDisk(problem))
    return { directory, trouble: `The reports could not all be made. ${said(directory)}\n${problem.stack}` };
  return writeElsewhere(directory, write, problem);
}

async function writeElsewhere(directory: string, write: Writing, problem: Error): Promise<Written> {
  const failed = `${directory} can't take all results (${problem.message}).`;
  let other: string | null = null;
  const second = await attempt(tmpdir(), () => {
    other = temporaryFor(directory);
    return write(other);
  });
  if (other !== null && second === null)
    return { directory: other, trouble: `${failed} All of them are in ${other}. ${said(directory)}` };
  const places = [...(other === null ? [] : [other]), directory];
  const trouble = [failed, `${other ?? tmpdir()} can't either (${second?.message}).`, ...places.map(said)];
  return { directory: places.find((one) => whole(one).length > 0) ?? null, trouble: trouble.join(' ') };
}

/** Null where it succeeded. A directory that was removed since it was made is made again. */
async function attempt(directory: string, write: Writing): Promise<Error | null> {
  try {
    makeDirectory(directory);
    await write(directory);
    return null;
  } catch (error) {
    return error as Error;
  }
}

/** Anything else is a mistake of ours, which another disk would meet too. */
function isOfDisk(error: Error): boolean {
  return 'syscall' in error;
}

/** Makes a temporary directory that shows what it stands in for. */
export function temporaryFor(directory: string): string {
  return mkdtempSync(path.join(tmpdir(), `bench-${path.basename(directory)}-`));
}

/** Files are written beside their names and then renamed, so what has its name is whole. */
function whole(directory: string): string[] {
  try {
    return contentsOf(directory).filter((name) => !name.startsWith('.'));
  } catch {
    return [];
  }
}

function said(directory: string): string {
  const names = whole(directory);
  return names.length === 0
    ? `Nothing is in ${directory}.`
    : `In ${directory} there is: ${names.join(', ')}.`;
}
