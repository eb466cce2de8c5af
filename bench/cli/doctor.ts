/** `bench doctor`. */
import type { Argv } from 'yargs';
import { doctorCommand } from '../command/doctor.ts';
import { handle } from './arguments.ts';

export function doctorVerbs(parser: Argv): Argv {
  return parser.command(
    'doctor',
    'look for what would spoil a run on this machine',
    doctorFlags,
    handle((argv) => doctorCommand({ isSelfTest: argv['self-test'] === true })),
  );
}

function doctorFlags(parser: Argv): Argv {
  return parser.options({
    'self-test': {
      type: 'boolean',
      default: false,
      describe: 'prove that a frozen server shows in the percentiles and that a slow driver is caught',
    },
  });
}
