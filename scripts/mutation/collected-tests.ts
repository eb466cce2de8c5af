/**
 * Node's own test functions, replaced by ones that only collect: what they collect runs again and again in one process, which
 * takes a thousandth of a process for each mutant.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';

export interface CollectedTest {
  readonly id: string;
  /** Its address. */
  readonly file: string;
  readonly run: () => Promise<void>;
}

type Body = (context: unknown) => unknown;

/** What describe() encloses, or a file. */
interface Scope {
  readonly name: string;
  readonly before: Body[];
  readonly beforeEach: Body[];
  readonly after: Body[];
  readonly outer: Scope | null;
  isReady: boolean;
}

const scopes: Scope[] = [];
const tests: CollectedTest[] = [];
let scope = scopeOf('', null);

function scopeOf(name: string, outer: Scope | null): Scope {
  const made = { name, before: [], beforeEach: [], after: [], outer, isReady: false };
  scopes.push(made);
  return made;
}

/** The tests of the files, in order. */
export async function collect(files: readonly string[], query: string): Promise<readonly CollectedTest[]> {
  tests.length = 0;
  for (const file of files) {
    scope = scopeOf(file, null);
    await import(`${file}${query}`);
  }
  return tests.splice(0);
}

/** Removes what the tests made for all of them. */
export async function finish(): Promise<void> {
  for (const { after, isReady } of scopes.splice(0))
    if (isReady) for (const body of after) await body(undefined);
}

function addTest(name: string, ...rest: unknown[]): Promise<void> {
  const own = scope;
  const body = rest.at(-1) as Body;
  const id = [...outwards(own).map((each) => each.name), name].join(' ');
  tests.push({ id, file: outwards(own)[0]!.name, run: () => runOne(own, body) });
  return Promise.resolve();
}

async function runOne(own: Scope, body: Body): Promise<void> {
  const around = outwards(own);
  for (const each of around) {
    if (!each.isReady) for (const prepare of each.before) await prepare(undefined);
    each.isReady = true;
  }
  for (const each of around) for (const prepare of each.beforeEach) await prepare(undefined);
  const ends: Body[] = [];
  const context = {
    after: (end: Body) => ends.push(end),
    test: (_: string, inner: Body) => inner(context),
    diagnostic: () => {},
  };
  try {
    await body(context);
  } finally {
    for (const end of ends) await end(context);
  }
}

function outwards(own: Scope): Scope[] {
  return own.outer === null ? [own] : [...outwards(own.outer), own];
}

function describe(name: string, body: () => void): void {
  const outer = scope;
  scope = scopeOf(name, outer);
  body();
  scope = outer;
}

/** From here on tests that are imported are collected instead of run. */
export function collectInsteadOfRunning(): void {
  const node = createRequire(import.meta.url)('node:test');
  const hook = (kind: 'before' | 'beforeEach' | 'after') => (body: Body) => void scope[kind].push(body);
  Object.assign(node, {
    test: addTest,
    it: addTest,
    describe,
    before: hook('before'),
    beforeEach: hook('beforeEach'),
    after: hook('after'),
  });
  syncBuiltinESMExports();
}
