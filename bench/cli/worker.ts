/** `bench worker`: its flags. Engines start it; people may, to try a fleet on one machine. */
import { workerCommand } from '../command/worker.ts';
import { WORKER_FLAGS } from '../command/worker-options.ts';
import { type Verb, verb } from './verb.ts';

export const verbs: readonly Verb[] = [
  verb({
    usage: 'worker',
    help: 'one part of a run that many machines drive',
    flags: WORKER_FLAGS,
    examples: [
      ['worker --plan plan.yaml --index 0 --of 4 --start-at 2030-01-01T12:00:00Z --out /shared/run', ''],
    ],
    run: workerCommand,
  }),
];
