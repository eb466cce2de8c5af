/**
 * Writing results where they were asked for or, where that can't be, elsewhere. A disk may be full, read-only or gone by the
 * time there is something to write; what was measured then goes to the system's temporary directory, and it is said what is
 * where.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { contentsOf, makeDirectory } from './directory.ts';

export interface Written {
  /** Where it is: what was asked for, or another directory. Null where nothing could be written. */
  readonly place: string | null;
  /** What went wrong, and what is where, in sentences; null where all of it is in its place. */
  readonly trouble: string | null;
}

type Writing = (place: string) => unknown;

/** Writes into the directory; into another one where it can't. Whatever goes wrong is told, not thrown. */
export async function writeOrElsewhere(place: string, write: Writing): Promise<Written> {
  const problem = await attempt(place, write);
  if (problem === null) return { place, trouble: null };
  if (!isOfDisk(problem))
    return { place, trouble: `The reports could not all be made. ${said(place)}\n${problem.stack}` };
  return writeElsewhere(place, write, problem);
}

async function writeElsewhere(place: string, write: Writing, problem: Error): Promise<Written> {
  const failed = `${place} can't take all results (${problem.message}).`;
  let other: string | null = null;
  const second = await attempt(tmpdir(), () => {
    other = temporaryFor(place);
    return write(other);
  });
  if (other !== null && second === null)
    return { place: other, trouble: `${failed} All of them are in ${other}. ${said(place)}` };
  const places = [...(other === null ? [] : [other]), place];
  const trouble = [failed, `${other ?? tmpdir()} can't either (${second?.message}).`, ...places.map(said)];
  return { place: places.find((one) => whole(one).length > 0) ?? null, trouble: trouble.join(' ') };
}

/** Null where it succeeded. A directory that was removed since it was made is made again. */
async function attempt(place: string, write: Writing): Promise<Error | null> {
  try {
    makeDirectory(place);
    await write(place);
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
export function temporaryFor(place: string): string {
  return mkdtempSync(path.join(tmpdir(), `bench-${path.basename(place)}-`));
}

/** Files are written beside their names and then renamed, so what has its name is whole. */
function whole(place: string): string[] {
  try {
    return contentsOf(place).filter((name) => !name.startsWith('.'));
  } catch {
    return [];
  }
}

function said(place: string): string {
  const names = whole(place);
  return names.length === 0 ? `Nothing is in ${place}.` : `In ${place} there is: ${names.join(', ')}.`;
}
