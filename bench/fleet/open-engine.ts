/** Opens an engine by its name. Each is loaded only when it is used: most need programs or clients that few have. */
import type { Engine, EngineName, EngineOptions } from './engine.ts';

/** The engine of that name. */
export async function openEngine(name: EngineName, options: EngineOptions): Promise<Engine> {
  switch (name) {
    case 'slurm':
      return new (await import('./engine-slurm.ts')).SlurmEngine(options);
    case 'aws-batch':
      return (await import('./engine-batch.ts')).openBatchEngine(options);
    case 'kubernetes':
      return new (await import('./engine-kubernetes.ts')).KubernetesEngine(options);
  }
}
