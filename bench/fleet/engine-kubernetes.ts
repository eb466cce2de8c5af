/** Kubernetes Indexed Jobs, through kubectl and whatever cluster its context names. */
import { z } from 'zod';
import { counted } from '../model/counted.ts';
import { HEADERS_VARIABLE, QUERY_VARIABLE } from '../node/environment-secrets.ts';
import {
  type Engine,
  EngineError,
  type EngineOptions,
  type FleetJob,
  imageRemedy,
  PLATFORMS,
  pairsOf,
  printed,
  type TaskState,
} from './engine.ts';

const REMEDY = 'install kubectl (https://kubernetes.io/docs/tasks/tools/) and choose a context';

/** Kubernetes documentation, "Well-known labels, annotations and taints". */
const INDEX_ANNOTATION = 'batch.kubernetes.io/job-completion-index';

/** What is said of something that does not go on: a word of the API, and mostly a sentence. */
const REASON = { reason: z.string().optional(), message: z.string().optional() };

const PODS = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), annotations: z.record(z.string(), z.string()).optional() }),
      status: z.object({
        phase: z.string().optional(),
        conditions: z.array(z.object({ type: z.string(), status: z.string(), ...REASON })).optional(),
        containerStatuses: z
          .array(z.object({ state: z.object({ waiting: z.object(REASON).optional() }).optional() }))
          .optional(),
      }),
    }),
  ),
});

type PodStatus = z.infer<typeof PODS>['items'][number]['status'];

/** What every container says while its image is pulled and it is made. */
const ORDINARY = new Set(['ContainerCreating', 'PodInitializing']);

/** Of kubectl without a cluster to talk to, in its several words. */
const NO_CLUSTER =
  /localhost:8080|current-context|no configuration has been provided|context .* does not exist/;

/** Kubernetes documentation, "Pod lifecycle". */
const STATES: Readonly<Record<string, TaskState>> = {
  Pending: 'queued',
  Running: 'running',
  Succeeded: 'done',
  Failed: 'failed',
};

/** @throws EngineError for one that there are no nodes of */
function architectureOf(given: string | undefined): string | undefined {
  const known = Object.values(PLATFORMS).map((platform) => platform.replace('linux/', ''));
  if (given === undefined || known.includes(given)) return given;
  throw new EngineError(`engine-arg: architecture='${given}' is not one of ${known.join(', ')}`);
}

export class KubernetesEngine implements Engine {
  readonly name = 'kubernetes';
  readonly #options: ManifestOptions;
  #pods: readonly Pod[] = [];

  constructor(options: EngineOptions) {
    const given = pairsOf(
      options.arguments,
      ['image'],
      ['namespace', 'service-account', 'claim', 'cpu', 'memory', 'headers-secret', 'architecture'],
      imageRemedy(''),
    );
    this.#options = {
      image: given.image,
      namespace: given.namespace ?? 'default',
      serviceAccount: given['service-account'],
      claim: given.claim,
      cpu: given.cpu,
      memory: given.memory,
      headersSecret: given['headers-secret'],
      architecture: architectureOf(given.architecture),
    };
  }

  async submit(job: FleetJob): Promise<string> {
    await this.#kubectl(['create', '-f', '-'], JSON.stringify(jobManifest(job, this.#options)));
    return job.name;
  }

  async states(job: string, of: number): Promise<TaskState[]> {
    const states = new Array<TaskState>(of).fill('queued');
    this.#pods = await this.#podsOf(job);
    for (const { index, state } of this.#pods) if (index < of) states[index] = state;
    return states;
  }

  holdups(job: string): string[] {
    if (this.#pods.length === 0)
      return [`job ${job} has no pods; kubectl ${this.#inNamespace.join(' ')} describe job ${job} says why`];
    const counts = new Map<string, number>();
    for (const { holdup } of this.#pods)
      if (holdup !== null) counts.set(holdup, (counts.get(holdup) ?? 0) + 1);
    return [...counts].map(([holdup, count]) => `${counted(count, 'pod')} of ${job}: ${holdup}`);
  }

  async cancel(job: string): Promise<void> {
    await this.#kubectl(['delete', 'job', job, '--wait=false']);
  }

  async logs(job: string, index: number): Promise<string> {
    const pod = (await this.#podsOf(job)).find((found) => found.index === index);
    if (pod === undefined) throw new EngineError(`job ${job} has no pod of index ${index}`);
    const command = `kubectl ${this.#inNamespace.join(' ')} logs ${pod.name}`;
    const tail = await this.#kubectl(['logs', pod.name, '--tail=5']).catch(() => '');
    return tail === '' ? command : `${command}:\n${tail.trimEnd()}`;
  }

  get #inNamespace(): string[] {
    return ['--namespace', this.#options.namespace];
  }

  async #podsOf(job: string): Promise<Pod[]> {
    const selector = `batch.kubernetes.io/job-name=${job}`;
    return podsIn(await this.#kubectl(['get', 'pods', '--selector', selector, '--output=json']));
  }

  async #kubectl(args: readonly string[], input?: string): Promise<string> {
    const all = [...args, ...this.#inNamespace];
    const given = input === undefined ? {} : { input };
    try {
      return await printed({ program: 'kubectl', args: all, remedy: REMEDY, ...given });
    } catch (error) {
      if (!(error instanceof EngineError) || !NO_CLUSTER.test(error.message)) throw error;
      throw new EngineError(
        `${error.message}\nkubectl has no cluster to talk to: choose one with 'kubectl config use-context NAME', or set KUBECONFIG`,
      );
    }
  }
}

/** A pod, as far as a fleet wants to know. */
export interface Pod {
  readonly name: string;
  readonly index: number;
  readonly state: TaskState;
  /** Why it does not run yet, when it says so and it does not pass by itself. */
  readonly holdup: string | null;
}

/** Pods of a job by index, by what kubectl said. */
export function podsIn(json: string): Pod[] {
  const parsed = PODS.safeParse(JSON.parse(json));
  if (!parsed.success) throw new EngineError('kubectl answered pods of a form that is not known');
  return parsed.data.items.flatMap(({ metadata, status }) => {
    const index = Number(metadata.annotations?.[INDEX_ANNOTATION] ?? Number.NaN);
    const state = STATES[status.phase ?? ''] ?? 'unknown';
    return Number.isInteger(index) ? [{ name: metadata.name, index, state, holdup: holdupOf(status) }] : [];
  });
}

/** An image that can't be pulled, a node that is not to be had. Both are tried again for ever, and mostly in vain. */
function holdupOf({ phase, conditions = [], containerStatuses = [] }: PodStatus): string | null {
  if (phase !== 'Pending') return null;
  const waiting = containerStatuses.map(({ state }) => state?.waiting);
  const unscheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  const told = waiting.find((one) => one?.reason !== undefined && !ORDINARY.has(one.reason)) ?? unscheduled;
  if (told === undefined) return null;
  return [told.reason, told.message].filter((text) => text !== undefined && text !== '').join(': ');
}

export interface ManifestOptions {
  readonly image: string;
  readonly namespace: string;
  /** Who may write to the store; the namespace's default when left out. */
  readonly serviceAccount: string | undefined;
  /** A persistent volume claim that is mounted at /store, for file:///store. */
  readonly claim: string | undefined;
  /** Processors that are kept for each worker, such as 2 or 500m. */
  readonly cpu: string | undefined;
  /** Memory that each worker may use, such as 4Gi. */
  readonly memory: string | undefined;
  /** A secret whose key BENCH_HEADERS has the headers and whose key BENCH_QUERY, if there is one, the query. */
  readonly headersSecret: string | undefined;
  /** Of the nodes, as Kubernetes labels them; left out, the image is for all that there are. */
  readonly architecture: string | undefined;
}

/** Finished jobs are kept for an hour, so that their logs can be read. */
const KEPT_S = 3_600;

/** To save what was measured when the job is deleted. */
const GRACE_S = 30;

/** The user of the image, and the group that a mounted volume is given to. */
const USER_ID = 1000;

/**
 * Memory may grow to twice what is kept unless it is said. Processors have no limit: one that is reached stops the worker
 * for the rest of a tenth of a second (Linux, "CFS Bandwidth Control"), which would be measured as the stage's.
 */
function resourcesOf({ cpu = '1', memory }: ManifestOptions) {
  return { requests: { cpu, memory: memory ?? '1Gi' }, limits: { memory: memory ?? '2Gi' } };
}

/** What may be written beside the store: compiled sources, and a partial that the store would not take. */
const TEMPORARY = { name: 'tmp', emptyDir: { sizeLimit: '1Gi' } };

/** What the pod has of the claim, and its container. */
function storeOf({ claim }: ManifestOptions) {
  if (claim === undefined) return { volumes: [], mounts: [], security: {} };
  return {
    volumes: [{ name: 'store', persistentVolumeClaim: { claimName: claim } }],
    mounts: [{ name: 'store', mountPath: '/store' }],
    // New volumes belong to root, and no worker is root.
    security: { fsGroup: USER_ID, fsGroupChangePolicy: 'OnRootMismatch' },
  };
}

function headersOf({ headersSecret }: ManifestOptions) {
  if (headersSecret === undefined) return {};
  const refs = [
    { name: headersSecret, key: HEADERS_VARIABLE },
    { name: headersSecret, key: QUERY_VARIABLE, optional: true },
  ];
  return { env: refs.map((secretKeyRef) => ({ name: secretKeyRef.key, valueFrom: { secretKeyRef } })) };
}

/**
 * The manifest of an Indexed Job (Kubernetes documentation, "Jobs", batch/v1), as data. All workers run at the same time or the run
 * has no sense, so parallelism is completions; none is ever tried again, because its share would be driven twice.
 */
export function jobManifest({ name, of, command, limitSeconds }: FleetJob, options: ManifestOptions) {
  const { image, namespace, serviceAccount, architecture } = options;
  const store = storeOf(options);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, labels: { app: 'serverless-websocket-bench' } },
    spec: {
      completionMode: 'Indexed',
      completions: of,
      parallelism: of,
      // Of each task by itself (beta in 1.29): with the job's own backoffLimit one failed worker would end all others.
      backoffLimitPerIndex: 0,
      activeDeadlineSeconds: limitSeconds + GRACE_S,
      ttlSecondsAfterFinished: KEPT_S,
      template: {
        metadata: { labels: { app: 'serverless-websocket-bench' } },
        spec: {
          restartPolicy: 'Never',
          ...(architecture === undefined ? {} : { nodeSelector: { 'kubernetes.io/arch': architecture } }),
          terminationGracePeriodSeconds: GRACE_S,
          automountServiceAccountToken: serviceAccount !== undefined,
          ...(serviceAccount === undefined ? {} : { serviceAccountName: serviceAccount }),
          securityContext: {
            runAsNonRoot: true,
            runAsUser: USER_ID,
            seccompProfile: { type: 'RuntimeDefault' },
            ...store.security,
          },
          containers: [
            {
              name: 'worker',
              image,
              args: [...command],
              resources: resourcesOf(options),
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ['ALL'] },
                readOnlyRootFilesystem: true,
              },
              ...headersOf(options),
              volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, ...store.mounts],
            },
          ],
          volumes: [TEMPORARY, ...store.volumes],
        },
      },
    },
  };
}
