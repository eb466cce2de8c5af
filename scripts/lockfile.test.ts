/** The lock file must install anywhere: on every platform, from whatever registry the user has. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

interface Entry {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
  packages: Record<string, Entry>;
};

test('the lock file has the optional packages of every platform, without which npm ci refuses it', () => {
  const missing = Object.entries(lock.packages).flatMap(([place, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) =>
        lock.packages[`node_modules/${name}`] === undefined &&
        lock.packages[`${place}/node_modules/${name}`] === undefined,
    ),
  );
  assert.deepEqual(missing, []);
});

test('the lock file names no address, and npm is told to write none', () => {
  const addresses = Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined);
  assert.deepEqual(addresses, []);
  assert.match(
    readFileSync(new URL('../.npmrc', import.meta.url), 'utf8'),
    /^omit-lockfile-registry-resolved=true$/m,
  );
});

test('every package of the lock file has the hash of its content', () => {
  const installed = Object.entries(lock.packages).filter(([place]) => place !== '');
  assert.ok(installed.length > 100, 'there is something to look at');
  const unhashed = installed.filter(
    ([, { integrity = '' }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity),
  );
  assert.deepEqual(
    unhashed.map(([place]) => place),
    [],
  );
});
