/** What runs other people's code, and with which privileges: the workflows and the image. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly 'timeout-minutes'?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const FOLDER = new URL('../.github/workflows/', import.meta.url);
const textOf = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const workflows = readdirSync(FOLDER).map((file) => parse(textOf(`.github/workflows/${file}`)) as Workflow);
const jobs = workflows.flatMap(({ permissions, jobs: own }) =>
  Object.entries(own).map(([name, job]) => ({ name, ...job, permissions: job.permissions ?? permissions })),
);
const steps = jobs.flatMap((job) => job.steps);

test('every job ends by itself, and says what it may', () => {
  assert.deepEqual(Object.fromEntries(jobs.map(({ name, permissions }) => [name, permissions])), {
    check: { contents: 'read' },
    fleet: { contents: 'read' },
    smoke: { contents: 'read' },
    clean: { contents: 'read', 'id-token': 'write' },
    measure: { contents: 'read', 'id-token': 'write' },
    keep: { contents: 'write' },
  });
  assert.deepEqual(
    jobs.filter((job) => job['timeout-minutes'] === undefined),
    [],
  );
});

test('a job that may push installs and runs no package', () => {
  const pushing = jobs.filter(({ permissions }) => permissions?.contents === 'write');
  assert.deepEqual(
    pushing.flatMap((job) => job.steps.filter(({ run = '' }) => /\b(npm|npx|node)\b/.test(run))),
    [],
  );
});

test('packages are installed before there are credentials, and run nothing of their own while they are', () => {
  const installs = (run = '') => /npm (ci|install|i)\b/.test(run);
  const all = [...steps.map(({ run = '' }) => run), textOf('.ci/run'), textOf('bench/fleet/Dockerfile')];
  const scripted = all
    .flatMap((run) => run.split('\n'))
    .filter((line) => installs(line) && !/--ignore-scripts/.test(line));
  assert.deepEqual(scripted, []);
  for (const job of jobs) {
    const assumed = job.steps.findIndex(({ uses = '' }) => uses.startsWith('aws-actions/'));
    const later = assumed === -1 ? [] : job.steps.slice(assumed);
    assert.deepEqual(
      later.filter(({ run }) => installs(run)),
      [],
      job.name,
    );
  }
});

test('a checkout leaves no token behind, and every action is named by its commit', () => {
  const checkouts = steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@'));
  assert.ok(checkouts.length >= jobs.length);
  assert.deepEqual(
    checkouts.filter((step) => step.with?.['persist-credentials'] !== false),
    [],
  );
  const used = steps.flatMap(({ uses }) => uses ?? []);
  assert.deepEqual(
    used.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(action)),
    [],
  );
});

test('the image of a worker is built on a base that is named by its digest, and its user is not root', () => {
  const lines = textOf('bench/fleet/Dockerfile').split('\n');
  assert.match(lines.find((line) => line.startsWith('ARG NODE_IMAGE=')) ?? '', /@sha256:[0-9a-f]{64}$/);
  assert.deepEqual(
    lines.filter((line) => /^(FROM|USER) /.test(line)).map((line) => line.replace(/[${}]/g, '')),
    ['FROM NODE_IMAGE', 'USER node'],
  );
});
