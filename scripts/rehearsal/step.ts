/**
 * A step of the rehearsal: one real command against local endpoints in which a trap of AWS's is set, and checks of what was seen
 * of it. The checks are pure, so that tests can show each of them failing.
 */

/** What a step showed; all that its checks know. */
export interface Seen {
  /** Exit code; null where the command was killed. */
  readonly code: number | null;
  /** Whether it had to be ended, as it took longer than the step allows. */
  readonly isLate: boolean;
  /** Whether the moment to interrupt it came; true where none is waited for. */
  readonly wasInterrupted: boolean;
  /** All that it said, on both streams. */
  readonly text: string;
  readonly seconds: number;
  /** Afterwards, of the account: `NAME STATUS`, and `ours` behind it where the stack bears the mark. */
  readonly stacks: readonly string[];
  /** The same of another account. */
  readonly strangers: readonly string[];
  /** The JSON file that the step reads; null where there is none. */
  readonly file: unknown;
}

/** What was seen, in a few words, and whether it is what survives the trap. */
export type Check = readonly [what: string, ok: boolean];

/** What the local endpoints of a lane are like: lanes have their own. */
export type Lane = 'slow' | 'silent' | 'uncounted';

/** Where commands write and read. */
export interface Places {
  /** Results that are kept. */
  readonly out: string;
  /** What is removed at the end. */
  readonly scratch: string;
}

/** Local endpoints as the SDK of somebody else sees them. */
export interface AwsView {
  stacks(account?: string): Promise<readonly string[]>;
  /** Makes a stack as another tool would. */
  create(name: string, template: string, account?: string): Promise<void>;
  /** Deletes a stack that could not be deleted, but for these resources. */
  deleteRetaining(name: string, logicalIds: readonly string[]): Promise<void>;
  /** Whether messages arrive in a stream of a stack whose name begins so. */
  isDriven(prefix: string): Promise<boolean>;
}

/** When a command is interrupted, and how. `group` ends all its processes without a word, as a lost machine does. */
export interface Interrupt {
  readonly by: 'Ctrl-C' | 'group';
  when(aws: AwsView, said: string): boolean | Promise<boolean>;
}

export interface Step {
  readonly name: string;
  readonly lane: Lane;
  /** What is set. */
  readonly trap: string;
  /** What AWS does then: "AWS" begins the sentence. */
  readonly aws: string;
  /** What the command has to do. */
  readonly duty: string;
  /** `bench` and its arguments, or `performance` and its. */
  command(places: Places): readonly string[];
  /** Who calls, from where; else the account and Region of the stage. */
  readonly environment?: Readonly<Record<string, string>>;
  before?(aws: AwsView, places: Places): Promise<void>;
  after?(aws: AwsView): Promise<void>;
  readonly interrupt?: Interrupt;
  /** A JSON file, below the results. */
  readonly reads?: string;
  readonly deadlineSeconds: number;
  checks(seen: Seen): readonly Check[];
}

/** A step as the table has it. */
export interface Row {
  readonly name: string;
  readonly command: string;
  readonly trap: string;
  readonly aws: string;
  readonly duty: string;
  readonly survived: boolean;
  readonly evidence: string;
  readonly seconds: number;
  /** The last that a command said whose step failed; else empty. */
  readonly lastLines: readonly string[];
}

const LAST_LINES = 12;

/** Judges a step by what was seen of it. A check that can't be made is one that failed. */
export function judged(step: Step, command: string, seen: Seen): Row {
  const checks = [
    ...(seen.isLate ? ([[`not ended within ${step.deadlineSeconds} s`, false]] as const) : []),
    ...(seen.wasInterrupted ? [] : ([['it ended before it could be interrupted', false]] as const)),
    ...checksOf(step, seen),
  ];
  const failed = checks.filter(([, ok]) => !ok);
  const survived = failed.length === 0;
  const { name, trap, aws, duty } = step;
  return {
    ...{ name, command, trap, aws, duty, survived, seconds: seen.seconds },
    evidence: (survived ? checks : failed).map(([what]) => what).join(', '),
    lastLines: survived ? [] : seen.text.trimEnd().split('\n').slice(-LAST_LINES),
  };
}

function checksOf(step: Step, seen: Seen): readonly Check[] {
  try {
    return step.checks(seen);
  } catch (error) {
    return [[`exit code ${seen.code}, and no result to read (${(error as Error).message})`, false]];
  }
}
