/** The local endpoints of the rehearsal: each lane's are set to some of what AWS may do. */
import { readFileSync } from 'node:fs';
import type { Lane } from './step.ts';

/** AWS's minutes are so much shorter here. */
export const SHORTENED = 30;

/** What the local endpoints of each lane are told to do. Times are AWS's by {@link SHORTENED}. */
export const STAGES = {
  slow: [
    '--empty',
    // Two minutes, one, and half a one; half a minute for a change set, six seconds for a resource.
    ...['--quirk', 'late-mapping.1=4s', '--quirk', 'old-poller=2s', '--quirk', 'poller-gap=1s'],
    ...['--quirk', 'slow-change-set=1s', '--quirk', 'slow-resources=200ms'],
    ...['--quirk', 'busy-account', '--refuse-deletion', 'Held'],
  ],
  silent: [
    ...['--name', 'silent', '--faults', 'SCRATCH/refusing.yaml'],
    ...['--quirk', 'silent-integration-errors', '--quirk', 'uncounted-connects'],
  ],
  uncounted: ['--name', 'uncounted', '--parameter', 'FaultInjection=true', '--quirk', 'uncounted-errors'],
} as const satisfies Record<Lane, readonly string[]>;

/** Another account than the stage's, where stacks have the same names. */
export const STRANGER = '210987654321';

const REFERENCE = readFileSync(new URL('../../stack/template.yaml', import.meta.url), 'utf8');
const QUEUE = '  Held:\n    Type: AWS::SQS::Queue\n';

/** Templates and fault plans that commands are given, by their names in the scratch directory. */
export const FILES = {
  /** A stream whose name a second stack can't have. */
  'taken.yaml':
    'Resources: {Stream: {Type: AWS::Kinesis::Stream, Properties: {Name: taken, ShardCount: 1}}}\n',
  /** The reference stack, and a queue that refuses its deletion. */
  'held.yaml': REFERENCE.replace(/^Resources:\n/m, (line) => line + QUEUE),
  'refusing.yaml': 'faults: [{where: shard, do: throttle, at: 0s, ratio: 0.05}]\n',
} as const;
