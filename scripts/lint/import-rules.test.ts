/** The import rules, each shown refusing something; that every folder has some; and that folders have no cycles. */
import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { forbidden } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as {
  forbidden: readonly IForbiddenRuleType[];
};

/** By rule, an import that it refuses: from a file, of another file, a module or a package. */
const REFUSED: Readonly<Record<string, readonly [from: string, to: string]>> = {
  'no-cycles': ['bench/a.ts', 'bench/a.ts'],
  'model-is-data': ['bench/model/a.ts', 'node:fs'],
  'measure-is-pure': ['bench/measure/a.ts', 'bench/judge/b.ts'],
  'judge-is-pure': ['bench/judge/a.ts', 'bench/drive/b.ts'],
  'drive-acts-through-ports': ['bench/drive/a.ts', 'bench/node/b.ts'],
  'sim-needs-no-machine': ['bench/sim/a.ts', 'node:net'],
  'simulated-stage-needs-no-machine': ['stack/local/simulated/a.ts', 'stack/local/serve.ts'],
  'node-stands-alone': ['bench/node/a.ts', 'bench/drive/b.ts'],
  'only-the-composition-root-reports': ['bench/fleet/a.ts', 'reports/b.ts'],
  'reports-read-data-only': ['reports/a.ts', 'bench/drive/b.ts'],
  'stage-does-not-know-the-driver': ['stack/a.ts', 'bench/drive/b.ts'],
  'ports-name-data-only': ['bench/ports.ts', 'bench/drive/b.ts'],
  'commands-compose-without-showing': ['bench/command/a.ts', 'bench/cli/b.ts'],
  'fleets-know-no-driver': ['bench/fleet/a.ts', 'bench/drive/b.ts'],
  'the-command-line-has-no-effects': ['bench/cli/a.ts', 'node:net'],
  'templates-are-read-once': ['stack/template/a.ts', 'stack/aws/b.ts'],
  'aws-and-the-local-stage-stand-apart': ['stack/aws/a.ts', 'stack/local/b.ts'],
  'statistics-are-pure': ['reports/statistics/a.ts', 'reports/b.ts'],
  'the-document-model-knows-no-document': ['reports/document/a.ts', 'reports/run/b.ts'],
  'stage-core-takes-no-machine': ['stack/local/stream/a.ts', 'node:net'],
  'parts-of-a-script-are-its-own': ['scripts/one/a.ts', 'scripts/two/b.ts'],
  'scripts-take-the-products-way': ['scripts/a.ts', 'ws'],
  'nothing-needs-a-test': ['bench/judge/a.ts', 'bench/judge/b.test.ts'],
  'nothing-needs-a-script': ['bench/node/a.ts', 'scripts/b.ts'],
  'testing-is-for-tests': ['bench/node/a.ts', 'bench/node/testing/b.ts'],
  'one-importer-ws-client': ['bench/node/a.ts', 'ws'],
  'one-importer-yargs': ['bench/command/a.ts', 'yargs'],
  'no-unresolvable': ['bench/node/a.ts', './missing.ts'],
  'no-dev-dependencies-in-the-product': ['bench/node/a.ts', 'fast-check'],
};

/** The rules that refuse something of these files, by the file that imports. */
async function broken(imports: readonly (readonly [string, string])[]): Promise<Map<string, string[]>> {
  const directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'bench-imports-')));
  const write = (file: string, text: string) => {
    mkdirSync(path.join(directory, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(directory, file), text, { flag: 'a' });
  };
  try {
    write(
      'package.json',
      JSON.stringify({ dependencies: { ws: '1', yargs: '1' }, devDependencies: { 'fast-check': '1' } }),
    );
    for (const name of ['ws', 'yargs', 'fast-check']) {
      write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }));
      write(`node_modules/${name}/index.js`, '');
    }
    for (const [from, to] of imports) {
      const isFile = /^(bench|stack|reports|scripts)\//.test(to);
      const relative = path.relative(path.dirname(from), to);
      write(from, `import '${isFile ? `./${relative}` : to}';\n`);
      if (isFile) write(to, '');
    }
    const { output } = await cruise(['.'], {
      baseDir: directory,
      validate: true,
      ruleSet: { forbidden: [...forbidden] },
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
    });
    const found = new Map<string, string[]>();
    for (const { from, rule } of (output as ICruiseResult).summary.violations)
      found.set(from, [...(found.get(from) ?? []), rule.name]);
    return found;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('every rule refuses what it is for', async () => {
  assert.deepEqual(Object.keys(REFUSED).sort(), forbidden.map(({ name }) => name).sort());
  const found = await broken(Object.values(REFUSED));
  const silent = Object.entries(REFUSED).filter(([rule, [from]]) => !found.get(from)?.includes(rule));
  assert.deepEqual(silent, []);
});

/** The product’s and the scripts’ files: what is published, and chores. */
const FILES = ['bench', 'stack', 'reports', 'scripts'].flatMap((part) =>
  readdirSync(path.join(ROOT, part), { recursive: true, encoding: 'utf8' })
    .map((file) => path.join(part, file))
    .filter(
      (file) => /\.(ts|mjs|js)$/.test(file) && !/\.test\.ts$|\/testing\/|fixture|^reports\/runs\//.test(file),
    ),
);

test('every file is under a rule of its own folder', () => {
  const everywhere = '^(bench|stack|reports';
  const patterns = forbidden.flatMap(({ from }) => ('path' in from ? [String(from.path)] : []));
  const own = patterns
    .filter((pattern) => !pattern.startsWith(everywhere))
    .map((pattern) => new RegExp(pattern));
  assert.deepEqual(
    FILES.filter((file) => !own.some((pattern) => pattern.test(file))),
    [],
  );
});

/** What a file stands for in the order of folders: its folder, or itself where it stands above others, as a composition does. */
function nodeOf(file: string): string {
  const folder = path.dirname(file);
  return FILES.some((other) => other.startsWith(`${folder}/`) && path.dirname(other) !== folder)
    ? file
    : folder;
}

test('folders have no cycles', () => {
  const edges = new Map<string, Set<string>>();
  for (const file of FILES) {
    const text = readFileSync(path.join(ROOT, file), 'utf8');
    const targets = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']*)'/g)]
      .map(([, name = '']) => path.join(path.dirname(file), name))
      .filter((target) => FILES.includes(target));
    const from = nodeOf(file);
    const to = edges.get(from) ?? new Set();
    edges.set(from, to);
    for (const target of targets) if (nodeOf(target) !== from) to.add(nodeOf(target));
  }
  // Whatever needs nothing that is left goes; what stays is in a cycle, or needs one.
  for (let before = -1; before !== edges.size; ) {
    before = edges.size;
    for (const [node, targets] of edges)
      if (![...targets].some((target) => edges.has(target))) edges.delete(node);
  }
  assert.deepEqual([...edges.keys()], []);
});
