/** Kubernetes Indexed Jobs, through kubectl and whatever cluster its context names. */
import { z } from 'zod';
import type { Engine, EngineOptions, FleetJob, TaskState } from './engine.ts';
import { EngineError, pairsOf } from './engine.ts';
import { jobManifest } from './kubernetes-manifest.ts';
import { printed } from './program.ts';

const REMEDY = 'install kubectl (https://kubernetes.io/docs/tasks/tools/) and choose a context';

/** Kubernetes documentation, "Well-known labels, annotations and taints". */
const INDEX_ANNOTATION = 'batch.kubernetes.io/job-completion-index';

const PODS = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), annotations: z.record(z.string(), z.string()).optional() }),
      status: z.object({ phase: z.string().optional() }),
    }),
  ),
});

/** Kubernetes documentation, "Pod lifecycle". */
const STATES: Readonly<Record<string, TaskState>> = {
  Pending: 'queued',
  Running: 'running',
  Succeeded: 'done',
  Failed: 'failed',
};

export class KubernetesEngine implements Engine {
  readonly name = 'kubernetes';
  readonly #image: string;
  readonly #namespace: string;
  readonly #serviceAccount: string | undefined;
  readonly #claim: string | undefined;

  constructor(options: EngineOptions) {
    const given = pairsOf(options.arguments, ['image'], ['namespace', 'service-account', 'claim']);
    this.#image = given.image;
    this.#namespace = given.namespace ?? 'default';
    this.#serviceAccount = given['service-account'];
    this.#claim = given.claim;
  }

  async submit(job: FleetJob): Promise<string> {
    const manifest = jobManifest(job, {
      image: this.#image,
      namespace: this.#namespace,
      serviceAccount: this.#serviceAccount,
      claim: this.#claim,
    });
    await this.#kubectl(['create', '-f', '-'], JSON.stringify(manifest));
    return job.name;
  }

  async states(job: string, of: number): Promise<TaskState[]> {
    const states = new Array<TaskState>(of).fill('queued');
    for (const { index, state } of podsIn(await this.#pods(job))) if (index < of) states[index] = state;
    return states;
  }

  async cancel(job: string): Promise<void> {
    await this.#kubectl(['delete', 'job', job, '--wait=false']);
  }

  async logs(job: string, index: number): Promise<string> {
    const pod = podsIn(await this.#pods(job)).find((found) => found.index === index);
    if (pod === undefined) throw new EngineError(`job ${job} has no pod of index ${index}`);
    const command = `kubectl --namespace ${this.#namespace} logs ${pod.name}`;
    const tail = await this.#kubectl(['logs', pod.name, '--tail=5']).catch(() => '');
    return tail === '' ? command : `${command}:\n${tail.trimEnd()}`;
  }

  #pods(job: string): Promise<string> {
    return this.#kubectl([
      'get',
      'pods',
      '--selector',
      `batch.kubernetes.io/job-name=${job}`,
      '--output=json',
    ]);
  }

  #kubectl(args: readonly string[], input?: string): Promise<string> {
    const all = ['--namespace', this.#namespace, ...args];
    return printed({
      program: 'kubectl',
      args: all,
      remedy: REMEDY,
      ...(input === undefined ? {} : { input }),
    });
  }
}

/** Pods of a job by index, by what kubectl said. */
export function podsIn(json: string): { name: string; index: number; state: TaskState }[] {
  const parsed = PODS.safeParse(JSON.parse(json));
  if (!parsed.success) throw new EngineError('kubectl answered pods of a form that is not known');
  return parsed.data.items.flatMap(({ metadata, status }) => {
    const index = Number(metadata.annotations?.[INDEX_ANNOTATION] ?? Number.NaN);
    const state = STATES[status.phase ?? ''] ?? 'unknown';
    return Number.isInteger(index) ? [{ name: metadata.name, index, state }] : [];
  });
}
