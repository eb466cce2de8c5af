/** That the linter refuses clocks, chance and input and output where code only computes: each rule, shown failing. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PLUGIN = 'scripts/lint/no-clock-no-chance.grit';

/** All that a pure file may not say, and what it may. */
const TIMERS = [
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
];
const UNREPEATABLE = ['Date.now()', 'Math.random()', 'new Date()', 'performance', 'crypto', ...TIMERS];
const OUTSIDE = ['process', 'console', 'fetch'];
const NODES = ['Buffer', 'globalThis'];
const PURE = ['new Date(1)', 'Date.UTC(2020, 0, 1)', 'Math.floor(1.5)', 'new Uint8Array(1)'];
const ALL = [...UNREPEATABLE, ...OUTSIDE, ...NODES, ...PURE];

/** What the linter refuses of all that, in a file of each path. */
function refusals(files: readonly string[]): Record<string, string[]> {
  const directory = mkdtempSync(path.join(tmpdir(), 'bench-lint-'));
  try {
    const configuration = JSON.parse(readFileSync(path.join(ROOT, 'biome.json'), 'utf8'));
    writeFileSync(path.join(directory, 'biome.json'), JSON.stringify({ ...configuration, vcs: {} }));
    cpSync(path.join(ROOT, PLUGIN), path.join(directory, PLUGIN));
    for (const file of files) {
      mkdirSync(path.join(directory, path.dirname(file)), { recursive: true });
      writeFileSync(
        path.join(directory, file),
        ALL.map((text, line) => `export const v${line} = ${text};\n`).join(''),
      );
    }
    const args = ['lint', '--reporter=json', '--max-diagnostics=none', '.'];
    const { stdout } = spawnSync(path.join(ROOT, 'node_modules/.bin/biome'), args, {
      cwd: directory,
      encoding: 'utf8',
    });
    const { diagnostics } = JSON.parse(stdout) as {
      diagnostics: { location: { path: string; start: { line: number } } }[];
    };
    return Object.fromEntries(
      files.map((file) => [
        file,
        diagnostics
          .filter(({ location }) => location.path.endsWith(file))
          .map(({ location }) => ALL[location.start.line - 1]!),
      ]),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('pure folders have no clock, no chance, no machine and no Buffer, the stage’s core no clock and no chance', () => {
  const pure = [
    'bench/model',
    'bench/measure',
    'bench/judge',
    'bench/judge/claims',
    'bench/drive',
    'reports/statistics',
  ];
  const core = [
    'bench/sim',
    'stack/template/resources',
    'stack/local/stream',
    'stack/local/gateway',
    'stack/local/simulated',
  ];
  const free = [
    'bench/node/a.ts',
    'stack/local/serve.ts',
    'stack/local/function/environment.ts',
    'bench/model/a.test.ts',
  ];
  const files = [...[...pure, ...core].map((folder) => `${folder}/a.ts`), ...free];
  const wanted = (file: string) => {
    if (free.includes(file)) return [];
    return pure.includes(path.dirname(file))
      ? [...UNREPEATABLE, ...OUTSIDE, ...NODES]
      : [...UNREPEATABLE, ...OUTSIDE];
  };
  const found = refusals(files);
  for (const file of files) assert.deepEqual(found[file]!.sort(), wanted(file).sort(), file);
});
