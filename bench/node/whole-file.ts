/** Writes files whole: beside their place, then renamed into it, so that a reader never sees half of one. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** Writes the text or bytes, over what is there. Throws the file system's error and leaves what was there when it can't. */
export function writeWholeFile(place: string, text: string | Uint8Array): void {
  const draft = `${place}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, text);
    renameSync(draft, place);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
