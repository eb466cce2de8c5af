/**
 * The Indexed Job of a fleet (Kubernetes documentation, "Jobs", completion mode Indexed; batch/v1). All workers run at the
 * same time or the run has no sense, so parallelism is completions; none is ever tried again, because its share would be
 * driven twice.
 */
import { HEADERS_VARIABLE, QUERY_VARIABLE } from '../node/environment-secrets.ts';
import type { FleetJob } from './engine.ts';

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

/** The manifest, as data. */
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
