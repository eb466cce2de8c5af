/** `bench worker`: its flags. Engines start it; people may, to try a fleet on one machine. */
import type { Argv } from 'yargs';
import { workerCommand } from '../command/worker.ts';
import { TOLD } from '../command/worker-options.ts';
import { type Arguments, handle, lastOf } from './arguments.ts';

export function workerVerbs(parser: Argv): Argv {
  return parser.command(
    'worker',
    'one share of a run that many machines drive',
    workerFlags,
    handle(workerVerb),
  );
}

function workerFlags(parser: Argv): Argv {
  const text = (describe: string) => ({ type: 'string', describe }) as const;
  return parser
    .options({
      plan: {
        ...text('bundled plan, or a YAML or JSON file, or its file:// or s3:// URI'),
        demandOption: true,
      },
      index: text("which worker this is, from 0 (default: the array index of the engine's environment)"),
      of: text('how many workers there are (default: as the engine says)'),
      'start-at': text(
        `when the schedule starts, such as 2030-01-01T12:00:00Z; '${TOLD}' waits for 'bench fleet run' to say`,
      ),
      patience: text(
        'how long to wait for the start before giving up (default: 11m for one that is told, else 24h)',
      ),
      out: { ...text('directory or s3:// URI that takes the partial result'), demandOption: true },
      'run-id': text('16 hexadecimal digits, the same for all workers (default: by plan and start)'),
    })
    .example(
      '$0 worker --plan plan.yaml --index 0 --of 4 --start-at 2030-01-01T12:00:00Z --out /shared/run',
      '',
    );
}

function workerVerb(argv: Arguments): Promise<number> {
  return workerCommand({
    plan: lastOf(argv.plan) as string,
    index: lastOf(argv.index) as string | undefined,
    of: lastOf(argv.of) as string | undefined,
    startAt: lastOf(argv['start-at']) as string | undefined,
    patience: lastOf(argv.patience) as string | undefined,
    runId: lastOf(argv['run-id']) as string | undefined,
    out: lastOf(argv.out) as string,
  });
}
