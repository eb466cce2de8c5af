/**
 * The manifest against the published schemas of Kubernetes. They let unknown fields through, as the API server does unless
 * it is told to be strict: a misspelt name would be dropped without a word. So it is also watched what the schemas read.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IJob } from 'kubernetes-models/batch/v1/Job';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { jobManifest, type ManifestOptions } from './engine-kubernetes.ts';

const PLAIN: ManifestOptions = {
  ...{ image: 'registry.example/bench:1', namespace: 'load', serviceAccount: undefined, claim: undefined },
  ...{ cpu: undefined, memory: undefined, headersSecret: undefined, architecture: undefined },
};
const COMMAND = ['worker', '--plan', 's3://bucket/run/plan.json', '--of', '2', '--start-at', 'told'];

function manifestOf(of: number, options: Partial<ManifestOptions> = {}) {
  const job = { name: 'bench-0123456789abcdef', of, command: COMMAND, limitSeconds: 900 };
  return jobManifest(job, { ...PLAIN, ...options });
}

const VARIANTS = {
  'of two workers': manifestOf(2),
  'of a thousand workers': manifestOf(1000),
  'in another namespace': manifestOf(2, { namespace: 'other' }),
  'with a service account': manifestOf(2, { serviceAccount: 'bench' }),
  'with a claim': manifestOf(2, { claim: 'shared' }),
  'with resources': manifestOf(2, { cpu: '500m', memory: '4Gi' }),
  'with headers': manifestOf(2, { headersSecret: 'bench-headers' }),
  'with an architecture': manifestOf(2, { architecture: 'arm64' }),
  'with everything': manifestOf(1000, {
    ...{ serviceAccount: 'bench', claim: 'shared', cpu: '2', memory: '4Gi', headersSecret: 'bench-headers' },
  }),
};

/** Fields that the schema's validator never looks at: it does not know them. Paths, as in spec.template.spec. */
function unknownFields(manifest: IJob): string[] {
  const read = new Set<string>();
  const all: string[] = [];
  const watched = (value: unknown, path: string): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const at = (key: string) => (path === '' ? key : `${path}.${key}`);
    all.push(...Object.keys(value).map(at));
    const parts = new Map(Object.entries(value).map(([key, inner]) => [key, watched(inner, at(key))]));
    return new Proxy(value, {
      get(target, key, receiver) {
        if (typeof key !== 'string' || !parts.has(key)) return Reflect.get(target, key, receiver);
        read.add(at(key));
        return parts.get(key);
      },
      // Maps, such as labels, may have any keys: their validators go through all there are.
      ownKeys(target) {
        for (const key of parts.keys()) read.add(at(key));
        return Reflect.ownKeys(target);
      },
    });
  };
  const job = watched(new Job(manifest), '');
  Job.prototype.validate.call(job as Job);
  return all.filter((field) => !read.has(field));
}

for (const [name, manifest] of Object.entries(VARIANTS)) {
  test(`a job ${name} is one by the schemas of Kubernetes, and they know all of its fields`, () => {
    new Job(manifest as IJob).validate();
    assert.deepEqual(unknownFields(manifest as IJob), []);
  });
}

test('a wrong type is refused', () => {
  const manifest = manifestOf(2);
  const wrong = { ...manifest, spec: { ...manifest.spec, completions: '2' } };
  assert.throws(() => new Job(wrong as unknown as IJob).validate(), /completions must be integer/);
});

test('a misspelt field is found, wherever it is', () => {
  const manifest = manifestOf(2, { claim: 'shared' });
  const { template } = manifest.spec;
  const [container] = template.spec.containers;
  const misspelt = {
    ...manifest,
    spec: {
      ...manifest.spec,
      completionModus: 'Indexed',
      template: {
        ...template,
        spec: { ...template.spec, containers: [{ ...container, arguments: COMMAND }] },
      },
    },
  };
  new Job(misspelt as unknown as IJob).validate();
  assert.deepEqual(unknownFields(misspelt as unknown as IJob), [
    'spec.completionModus',
    'spec.template.spec.containers.0.arguments',
    ...COMMAND.map((_, at) => `spec.template.spec.containers.0.arguments.${at}`),
  ]);
});

test('the manifest runs all workers at once and none again', () => {
  const { spec } = manifestOf(8);
  assert.deepEqual(
    [spec.completionMode, spec.completions, spec.parallelism, spec.backoffLimitPerIndex],
    ['Indexed', 8, 8, 0],
  );
  assert.equal(spec.template.spec.restartPolicy, 'Never');
});

test('memory that is asked for is kept and is the limit; processors have no limit', () => {
  const [container] = manifestOf(2, { cpu: '2', memory: '4Gi' }).spec.template.spec.containers;
  assert.deepEqual(container?.resources, {
    requests: { cpu: '2', memory: '4Gi' },
    limits: { memory: '4Gi' },
  });
});

test('a worker is held to what it needs: no root, no privileges, nothing to write but /tmp and the store, and an end', () => {
  const { spec } = manifestOf(2, { claim: 'shared' });
  const pod = spec.template.spec;
  const [container] = pod.containers;
  assert.deepEqual(
    [spec.activeDeadlineSeconds, pod.automountServiceAccountToken, pod.securityContext, pod.volumes],
    [
      930,
      false,
      {
        runAsNonRoot: true,
        runAsUser: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
        fsGroup: 1000,
        fsGroupChangePolicy: 'OnRootMismatch',
      },
      [
        { name: 'tmp', emptyDir: { sizeLimit: '1Gi' } },
        { name: 'store', persistentVolumeClaim: { claimName: 'shared' } },
      ],
    ],
  );
  assert.deepEqual(
    [container?.securityContext, container?.volumeMounts],
    [
      { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true },
      [
        { name: 'tmp', mountPath: '/tmp' },
        { name: 'store', mountPath: '/store' },
      ],
    ],
  );
});
