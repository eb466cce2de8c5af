/** What `npm pack` takes: all that a run needs, and nothing else, whatever lies in the checkout. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Results of a run, as people have them in a checkout; a token may be in each. */
const PRIVATE = `reports/runs/packed-${process.pid}`;

/** Modules that are started by their path: nothing imports them. */
const ENTRIES = ['bench/bench.mjs', 'stack/local/child-entry.mjs', 'stack/local/serve.ts'];

/** What is not code, and read by its path. */
const DATA =
  /^(CHANGELOG|LICENSE|README)(\.md)?$|^package\.json$|\.(yaml|css|client\.js)$|^stack\/prices\.json$|^bench\/model\/schemas\/[a-z]+\.schema\.json$/;

let packed: readonly string[] = [];
before(() => {
  mkdirSync(path.join(ROOT, PRIVATE), { recursive: true });
  for (const file of ['result.json', 'index.html', 'leak.ts', 'plan.yaml'])
    writeFileSync(path.join(ROOT, PRIVATE, file), 'token');
  const said = execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: ROOT, encoding: 'utf8' });
  const [{ files }] = JSON.parse(said) as [{ files: readonly { readonly path: string }[] }];
  packed = files.map((file) => file.path).sort();
});
after(() => rmSync(path.join(ROOT, PRIVATE), { recursive: true }));

/** The files that a module names: imports, whether of types or at run time, and URLs beside it. */
function namedIn(module: string): string[] {
  if (!/\.(ts|mjs)$/.test(module)) return [];
  const text = readFileSync(path.join(ROOT, module), 'utf8');
  return [...text.matchAll(/(?:from|import|URL)\s*\(?\s*'(\.{1,2}\/[^']*)'/g)]
    .map(([, name]) => path.join(path.dirname(module), name!))
    .filter((file) => existsSync(path.join(ROOT, file)) && statSync(path.join(ROOT, file)).isFile());
}

function reachable(): Set<string> {
  const seen = new Set<string>();
  const pending = [...ENTRIES];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    pending.push(...namedIn(next));
  }
  return seen;
}

test('no results, tests, fixtures, proofs or pictures are packed', () => {
  const unwanted =
    /\.test\.ts$|fixture|\/testing\/|proof|^reports\/runs|\.(png|md)$|^(scripts|\.ci|\.github|node_modules)\/|decisions/;
  assert.deepEqual(
    packed.filter((file) => unwanted.test(file) && !DATA.test(file)),
    [],
  );
  assert.deepEqual(
    packed.filter((file) => file.startsWith('reports/runs/')),
    [],
  );
});

test('of the code exactly that is packed which a command can come to', () => {
  const code = packed.filter((file) => !DATA.test(file));
  const needed = reachable();
  assert.deepEqual(
    {
      'for tests and scripts only, so leave it out in "files"': code.filter((file) => !needed.has(file)),
      'needed, so take it into "files"': [...needed].filter((file) => !packed.includes(file)),
    },
    { 'for tests and scripts only, so leave it out in "files"': [], 'needed, so take it into "files"': [] },
  );
});

test('what commands and people read by its path is packed', () => {
  const read = [
    'stack/template.yaml',
    'stack/article.yaml',
    'stack/fleet.yaml',
    'stack/prices.json',
    'reports/document/report.css',
    'bench/model/schemas/result.schema.json',
  ];
  const plans = ['quick', 'bursty', 'closed-loop', 'faults/lossy'].map((name) => `bench/plans/${name}.yaml`);
  assert.deepEqual(
    [...read, ...plans].filter((file) => !packed.includes(file)),
    [],
  );
});
