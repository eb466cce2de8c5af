/** Results on disks that are full, read-only or gone: real ones, where this user may mount them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { writeWholeFile } from './bounded-file.ts';
import { writeOrElsewhere } from './directory.ts';
import { RunDirectory } from './run-directory.ts';

const home = mkdtempSync(path.join(tmpdir(), 'bench-test-'));
const temporary = process.env.TMPDIR;
const mounts: string[] = [];

/** A disk of its own. */
function disk(name: string): string {
  const place = path.join(home, name);
  mkdirSync(place);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', place], { stdio: 'pipe' });
  mounts.push(place);
  return place;
}

function mayMount(): boolean {
  try {
    disk('trial');
    return true;
  } catch {
    return false;
  }
}

const skip = mayMount() ? false : 'this user may not mount a disk';

beforeEach(() => {
  process.env.TMPDIR = mkdtempSync(path.join(home, 'tmp-'));
});
after(() => {
  if (temporary === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = temporary;
  for (const place of mounts) execFileSync('umount', [place]);
  rmSync(home, { recursive: true });
});

/** Two files, of which the second fills a disk of 64 KiB. */
const writeBoth = (directory: string): void => {
  writeWholeFile(path.join(directory, 'small'), 'x');
  writeWholeFile(path.join(directory, 'large'), 'x'.repeat(100_000));
};

test('a directory that takes everything is where it is', async () => {
  const place = path.join(home, 'good');
  assert.deepEqual(await writeOrElsewhere(place, writeBoth), { directory: place, trouble: null });
});

test('a directory that was removed is made again', async () => {
  const own = new RunDirectory(path.join(home, 'removed'));
  rmSync(own.path, { recursive: true });
  await own.write(writeBoth);
  assert.deepEqual([own.trouble, readdirSync(own.path).sort()], [null, ['large', 'small']]);
});

test('what a full disk does not take is in the temporary directory, and it is said what is where', {
  skip,
}, async () => {
  const full = disk('full');
  const own = new RunDirectory(path.join(full, 'run'));
  await own.write(writeBoth);
  assert.deepEqual(readdirSync(path.join(full, 'run')), ['small'], 'no half-written file');
  assert.deepEqual(readdirSync(own.path).sort(), ['large', 'small']);
  assert.equal(path.dirname(own.path), process.env.TMPDIR);
  assert.equal(
    own.trouble,
    `${full}/run can't take all results (ENOSPC: no space left on device, write). All of them are in ${own.path}. ` +
      `In ${full}/run there is: small.`,
  );
  await own.write((directory) => writeWholeFile(path.join(directory, 'more'), 'x'));
  assert.deepEqual(readdirSync(own.path).sort(), ['large', 'more', 'small'], 'and goes on there');
});

test('a disk that became read-only has nothing of it, and a run of many is made elsewhere', {
  skip,
}, async () => {
  const place = disk('locked');
  const own = new RunDirectory(path.join(place, 'run'));
  execFileSync('mount', ['-o', 'remount,ro', place]);
  await own.write(writeBoth);
  assert.match(own.trouble ?? '', /read-only file system.* All of them are in .*Nothing is in \S*\/run\.$/);
  const other = RunDirectory.within(path.join(place, 'probes', '01'));
  await other.write(writeBoth);
  assert.match(other.trouble ?? '', /can't be written: EROFS.* The run is in /);
  assert.deepEqual(readdirSync(other.path).sort(), ['large', 'small']);
});

test('where no disk takes anything that is said, and where part of it is too', { skip }, async () => {
  const full = disk('filled');
  process.env.TMPDIR = full;
  writeFileSync(path.join(full, 'fill'), 'x'.repeat(56_000));
  const part = await writeOrElsewhere(path.join(full, 'run'), writeBoth);
  assert.match(part.directory ?? '', /bench-run-/);
  assert.match(
    part.trouble ?? '',
    /can't either .*In \S*bench-run-\w+ there is: small\. In \S*\/run there is: small\.$/,
  );
  execFileSync('mount', ['-o', 'remount,ro', full]);
  const own = await writeOrElsewhere(path.join(full, 'other'), writeBoth);
  assert.equal(own.directory, null);
  assert.match(own.trouble ?? '', /Nothing is in \S*\/other\.$/);
});

test('a mistake in a report is no matter of disks', async () => {
  const broken = () => {
    throw new TypeError('a bug');
  };
  const place = path.join(home, 'bug');
  const written = await writeOrElsewhere(place, broken);
  assert.equal(written.directory, place);
  assert.match(
    written.trouble ?? '',
    /^The reports could not all be made\. Nothing is in .*\nTypeError: a bug\n/,
  );
});
