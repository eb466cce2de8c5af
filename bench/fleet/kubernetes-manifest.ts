/**
 * The Indexed Job of a fleet (Kubernetes documentation, "Jobs", completion mode Indexed; batch/v1). All workers run at the
 * same time or the run has no sense, so parallelism is completions; none is ever tried again, because its share would be
 * driven twice.
 */
import type { FleetJob } from './engine.ts';

export interface ManifestOptions {
  readonly image: string;
  readonly namespace: string;
  /** Who may write to the store; the namespace's default when left out. */
  readonly serviceAccount: string | undefined;
  /** A persistent volume claim that is mounted at /store, for file:///store. */
  readonly claim: string | undefined;
}

/** Finished jobs are kept for an hour, so that their logs can be read. */
const KEPT_S = 3_600;

/** To save what was measured when the job is deleted. */
const GRACE_S = 30;

/** The manifest, as data. */
export function jobManifest({ name, of, command }: FleetJob, options: ManifestOptions) {
  const { image, namespace, serviceAccount, claim } = options;
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
      ttlSecondsAfterFinished: KEPT_S,
      template: {
        metadata: { labels: { app: 'serverless-websocket-bench' } },
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: GRACE_S,
          automountServiceAccountToken: serviceAccount !== undefined,
          ...(serviceAccount === undefined ? {} : { serviceAccountName: serviceAccount }),
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'worker',
              image,
              args: [...command],
              resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '2Gi' } },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
              ...(claim === undefined ? {} : { volumeMounts: [{ name: 'store', mountPath: '/store' }] }),
            },
          ],
          ...(claim === undefined
            ? {}
            : { volumes: [{ name: 'store', persistentVolumeClaim: { claimName: claim } }] }),
        },
      },
    },
  };
}
