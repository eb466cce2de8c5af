/** The engine's use of kubectl, with a program of that name on the PATH that answers as kubectl does and notes what it was asked. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { EngineError } from './engine.ts';
import { KubernetesEngine } from './engine-kubernetes.ts';

/** Answers of a verb are the files VERB.out, VERB.err and VERB.code beside it. */
const STAND_IN = `#!/bin/sh
here=\${0%/*}
printf '%s\\n' "$*" >> "$here/asked"
if [ "$1" = create ]; then cat > "$here/manifest.json"; fi
if [ -e "$here/$1.err" ]; then cat "$here/$1.err" >&2; fi
if [ -e "$here/$1.out" ]; then cat "$here/$1.out"; fi
if [ -e "$here/$1.code" ]; then exit "$(cat "$here/$1.code")"; fi
`;

interface Answer {
  readonly out?: string;
  readonly err?: string;
  readonly code?: number;
}

/** Puts the stand-in on the PATH for one test. */
function kubectl(t: TestContext, answers: Readonly<Record<string, Answer>>) {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'bench-kubectl-'));
  const before = process.env.PATH;
  t.after(() => {
    process.env.PATH = before;
    rmSync(directory, { recursive: true, force: true });
  });
  writeFileSync(path.join(directory, 'kubectl'), STAND_IN);
  chmodSync(path.join(directory, 'kubectl'), 0o755);
  for (const [verb, answer] of Object.entries(answers)) {
    for (const [kind, text] of Object.entries(answer))
      writeFileSync(path.join(directory, `${verb}.${kind}`), String(text));
  }
  process.env.PATH = `${directory}${path.delimiter}${before}`;
  const read = (name: string) => readFileSync(path.join(directory, name), 'utf8');
  return {
    asked: () => read('asked').trimEnd().split('\n'),
    manifest: () => JSON.parse(read('manifest.json')),
  };
}

function engineWith(...given: string[]): KubernetesEngine {
  return new KubernetesEngine({
    arguments: ['image=bench:1', 'namespace=load', ...given],
    directory: os.tmpdir(),
  });
}

const JOB = { name: 'bench-0123456789abcdef', of: 3, command: ['worker', '--of', '3'], limitSeconds: 900 };
const SELECTOR = `--selector batch.kubernetes.io/job-name=${JOB.name}`;

/** As \`kubectl get pods --output=json\` has it, less what nobody reads. */
function pod(index: number, status: object) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${JOB.name}-${index}-x7k2p`,
      namespace: 'load',
      annotations: { 'batch.kubernetes.io/job-completion-index': String(index) },
      labels: { 'batch.kubernetes.io/job-name': JOB.name },
    },
    spec: { restartPolicy: 'Never' },
    status,
  };
}

const pods = (...items: object[]): Answer => ({
  out: JSON.stringify({ apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items }),
});

const PULLING = {
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'True' }],
  containerStatuses: [
    {
      name: 'worker',
      ready: false,
      restartCount: 0,
      image: 'bench:1',
      state: {
        waiting: {
          reason: 'ErrImagePull',
          message: 'failed to pull and unpack image "docker.io/library/bench:1": not found',
        },
      },
    },
  ],
};

const UNSCHEDULED = {
  phase: 'Pending',
  conditions: [
    {
      ...{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' },
      message: '0/3 nodes are available: 3 Insufficient cpu.',
    },
  ],
};

const CREATING = {
  phase: 'Pending',
  containerStatuses: [{ name: 'worker', state: { waiting: { reason: 'ContainerCreating' } } }],
};

test('a job is created from the manifest on standard input, asked for, read and deleted, in its namespace', async (t) => {
  const program = kubectl(t, {
    create: { out: `job.batch/${JOB.name} created\n` },
    get: pods(pod(1, { phase: 'Running' }), pod(0, { phase: 'Succeeded' }), pod(2, { phase: 'Failed' })),
    logs: { out: 'error: there is no room\n' },
    delete: { out: `job.batch "${JOB.name}" deleted\n` },
  });
  const engine = engineWith(
    'service-account=bench',
    'claim=shared',
    'cpu=2',
    'memory=4Gi',
    'headers-secret=secret',
  );
  assert.equal(await engine.submit(JOB), JOB.name);
  const { metadata, spec } = program.manifest();
  assert.deepEqual([metadata.name, metadata.namespace, spec.completions], [JOB.name, 'load', 3]);
  assert.equal(spec.template.spec.serviceAccountName, 'bench');
  assert.equal(spec.template.spec.containers[0].env[0].valueFrom.secretKeyRef.name, 'secret');
  assert.deepEqual(await engine.states(JOB.name, 3), ['done', 'running', 'failed']);
  assert.deepEqual(engine.holdups(JOB.name), []);
  assert.equal(
    await engine.logs(JOB.name, 2),
    `kubectl --namespace load logs ${JOB.name}-2-x7k2p:\nerror: there is no room`,
  );
  await engine.cancel(JOB.name);
  assert.deepEqual(program.asked(), [
    'create -f - --namespace load',
    `get pods ${SELECTOR} --output=json --namespace load`,
    `get pods ${SELECTOR} --output=json --namespace load`,
    `logs ${JOB.name}-2-x7k2p --tail=5 --namespace load`,
    `delete job ${JOB.name} --wait=false --namespace load`,
  ]);
});

test('an image that can’t be pulled and a node that is not to be had are told, and what passes by itself is not', async (t) => {
  kubectl(t, { get: pods(pod(0, PULLING), pod(1, UNSCHEDULED), pod(2, CREATING)) });
  const engine = engineWith();
  assert.deepEqual(await engine.states(JOB.name, 3), ['queued', 'queued', 'queued']);
  assert.deepEqual(engine.holdups(JOB.name), [
    `1 pod of ${JOB.name}: ErrImagePull: failed to pull and unpack image "docker.io/library/bench:1": not found`,
    `1 pod of ${JOB.name}: Unschedulable: 0/3 nodes are available: 3 Insufficient cpu.`,
  ]);
});

test('a job whose pods nobody may make says where the reason is', async (t) => {
  kubectl(t, { get: pods() });
  const engine = engineWith();
  assert.deepEqual(await engine.states(JOB.name, 2), ['queued', 'queued']);
  assert.match(engine.holdups(JOB.name).join(), /has no pods; kubectl --namespace load describe job bench-/);
  await assert.rejects(engine.logs(JOB.name, 0), /no pod of index 0/);
});

test('a name that is taken is told in the words of kubectl', async (t) => {
  const err = `Error from server (AlreadyExists): error when creating "STDIN": jobs.batch "${JOB.name}" already exists\n`;
  kubectl(t, { create: { err, code: 1 } });
  await assert.rejects(engineWith().submit(JOB), (error: Error) => {
    assert.ok(error instanceof EngineError, String(error));
    assert.match(
      error.message,
      /^kubectl create failed \(1\): Error from server \(AlreadyExists\).*already exists$/,
    );
    return true;
  });
});

for (const err of [
  'error: current-context is not set\n',
  'error: error validating "STDIN": error validating data: failed to download openapi: Get "http://localhost:8080/openapi/v2?timeout=32s": dial tcp 127.0.0.1:8080: connect: connection refused\n',
  'error: context "staging" does not exist\n',
]) {
  test(`without a cluster it is told how to choose one: ${err.slice(7, 40)}…`, async (t) => {
    kubectl(t, { create: { err, code: 1 } });
    await assert.rejects(
      engineWith().submit(JOB),
      /choose one with 'kubectl config use-context NAME', or set KUBECONFIG$/,
    );
  });
}

test('logs that can’t be read leave the command that reads them', async (t) => {
  kubectl(t, {
    get: pods(pod(0, { phase: 'Pending' })),
    logs: { err: 'Error from server (BadRequest): container "worker" is waiting to start\n', code: 1 },
  });
  assert.equal(await engineWith().logs(JOB.name, 0), `kubectl --namespace load logs ${JOB.name}-0-x7k2p`);
});

test('pods of an unknown form are told as such', async (t) => {
  kubectl(t, { get: { out: '{"items": [{"name": "x"}]}' } });
  await assert.rejects(engineWith().states(JOB.name, 1), /pods of a form that is not known/);
});

test('without kubectl it is told what to install', async (t) => {
  const empty = mkdtempSync(path.join(os.tmpdir(), 'bench-empty-'));
  const before = process.env.PATH;
  process.env.PATH = empty;
  t.after(() => {
    process.env.PATH = before;
    rmSync(empty, { recursive: true });
  });
  await assert.rejects(engineWith().submit(JOB), /kubectl is missing: install kubectl \(https/);
});

test('an option that is misspelt is named with those there are', () => {
  assert.throws(() => engineWith('cpus=2'), /'cpus=2' is not one of image=….*cpu=….*headers-secret=…/);
});
