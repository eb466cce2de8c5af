/**
 * Directories that commands write into: made with their parents, and claimed, so that two commands that write at the same
 * time never write into one. A claim is a file that exists once: it names its process, and one whose process is gone counts
 * for nothing.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';

/**
 * Makes a directory and the parents it lacks, and returns the first one made. Node's own recursive mkdir never returns where
 * a parent exists but takes no children, such as /proc.
 */
export function makeDirectory(place: string): string | undefined {
  if (existsSync(place)) return undefined;
  const made = makeDirectory(path.dirname(place));
  try {
    mkdirSync(place);
  } catch (error) {
    // Somebody else made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return made;
  }
  return made ?? place;
}

/** Removes a directory that is empty, then its parents up to `top`. */
export function removeEmpty(place: string, top: string): void {
  try {
    for (let at = place; at.startsWith(top); at = path.dirname(at)) rmdirSync(at);
  } catch {
    // Not empty, or gone: then it is not ours to remove.
  }
}

const CLAIM = '.claim';

/** What a process that was killed while it wrote leaves. */
const DRAFT = /\.\d+\.tmp$/;

/** Names in a directory but for those that a command keeps there while it works. */
export function contentsOf(place: string): string[] {
  return readdirSync(place).filter((name) => name !== CLAIM && !DRAFT.test(name));
}

/** A directory that another command writes into. */
export class DirectoryInUse extends Error {}

/** The places that this process has claimed, by the file that says so. */
const held = new Set<string>();

const OWNER = `${process.pid} ${hostname()}\n`;

/** Claims the directory for this process. @throws DirectoryInUse, or the file system's error */
export function claim(place: string): void {
  const file = path.join(place, CLAIM);
  try {
    writeFileSync(file, OWNER, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    takeOver(file, place);
  }
  held.add(file);
}

/** Gives it back. A claim that is not held, or is gone, is none. */
export function release(place: string): void {
  const file = path.join(place, CLAIM);
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
function takeOver(file: string, place: string): void {
  const owner = readFileSync(file, 'utf8');
  if (held.has(file) || isAlive(owner)) throw new DirectoryInUse(inUse(place, file, owner));
  const stale = `${file}.${process.pid}.tmp`;
  renameSync(file, stale);
  const moved = readFileSync(stale, 'utf8');
  if (moved !== owner) {
    renameSync(stale, file);
    throw new DirectoryInUse(inUse(place, file, moved));
  }
  rmSync(stale);
  writeFileSync(file, OWNER, { flag: 'wx' });
}

function inUse(place: string, file: string, owner: string): string {
  const [pid = '', host = ''] = owner.trim().split(' ');
  const who = pid === '' ? 'another command' : `process ${pid} on ${host}`;
  return `${place} is being written by ${who}; name another directory, or wait for its end (if nothing runs there any more, remove ${file})`;
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
