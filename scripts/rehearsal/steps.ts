/**
 * The rehearsal as a table: the whole life of a stack, and what is set to go wrong in it. Steps of a lane run one after the
 * other, and later ones find what earlier ones left.
 */
import path from 'node:path';
import { exited, hasStack, LOAD, lostNothing, ran, resultOf, said, stackIs, stacksAre } from './checks.ts';
import { FILES } from './stages.ts';
import type { Step } from './step.ts';
import { AFTERMATH } from './steps-aftermath.ts';

const inScratch = (scratch: string, file: string) => ['--template', path.join(scratch, file)];

export const STEPS: readonly Step[] = [
  {
    name: 'deploy',
    lane: 'slow',
    trap: 'a change set is not there at once, and resources take their time',
    aws: 'works on for minutes',
    duty: 'follow it to its end, and mark the stack by an output, not by a tag',
    command: () => ['bench', 'stage', 'up', '--name', 'rehearsal'],
    // The validator of templates takes long on a busy machine.
    deadlineSeconds: 120,
    checks: (seen) => [exited(seen, 0), stacksAre(seen, 'rehearsal', 'rehearsal CREATE_COMPLETE ours')],
  },
  {
    name: 'probe',
    lane: 'slow',
    trap: 'the mapping says Enabled, and begins to read shard 1 two minutes late',
    aws: 'loses what is sent meanwhile',
    duty: 'drive only when every shard has answered three times in a row',
    command: ({ out }) => [
      ...['bench', 'run', 'quick', '--stage', 'rehearsal', '--connections', '10', '--rate', '100'],
      ...['--duration', '2s', ...LOAD, '--out', path.join(out, 'probe')],
    ],
    reads: 'probe/result.json',
    deadlineSeconds: 60,
    checks: (seen) => {
      const sent = resultOf(seen).traffic?.probes?.sent ?? 0;
      return [ran(seen), lostNothing(seen), [`${sent} probes, kept apart`, sent >= 6]];
    },
  },
  {
    name: 'connect',
    lane: 'slow',
    trap: 'others of the account take nine tenths of the connections that it may open a second',
    aws: 'answers 429 at the handshake',
    duty: 'dial again with growing waits, open every connection, and count what was refused',
    command: ({ out }) => [
      ...['bench', 'run', 'quick', '--stage', 'rehearsal', '--connections', '150'],
      ...['--rate', '20', '--duration', '1s', ...LOAD, '--no-metrics', '--out', path.join(out, 'connect')],
    ],
    reads: 'connect/result.json',
    deadlineSeconds: 60,
    checks: (seen) => {
      const { requested, opened, throttled = 0 } = resultOf(seen).connections;
      return [
        ran(seen),
        [`${throttled} dials refused with 429`, throttled > 0],
        [`${opened} of ${requested} opened`, opened === requested],
        said(seen, 'that others may be connecting', /others may\s+be connecting too/),
        lostNothing(seen),
      ];
    },
  },
  {
    name: 'cancel a run',
    lane: 'slow',
    trap: 'Ctrl-C in the middle of it',
    aws: 'has taken the messages, and bills them',
    duty: 'keep what was measured, and leave the stack as it is',
    command: ({ out }) => [
      ...['bench', 'run', 'quick', '--stage', 'rehearsal', '--connections', '10', '--rate', '100'],
      ...['--duration', '2m', ...LOAD, '--no-metrics', '--out', path.join(out, 'cancelled')],
    ],
    interrupt: { by: 'Ctrl-C', when: (_, text) => /\/s back/.test(text) },
    reads: 'cancelled/result.json',
    deadlineSeconds: 60,
    checks: (seen) => {
      const { partial, messages } = resultOf(seen);
      return [
        exited(seen, 130),
        [
          `${messages.delivered} delivered messages saved as a partial run`,
          partial && messages.delivered > 0,
        ],
        stacksAre(seen, 'rehearsal', 'rehearsal CREATE_COMPLETE ours'),
      ];
    },
  },
  {
    name: 'tag',
    lane: 'slow',
    trap: 'the stack has a named consumer, whose tags are create-only',
    aws: 'tries, fails and rolls back',
    duty: 'refuse it before the change set, with the reason',
    command: () => ['bench', 'stage', 'up', '--name', 'rehearsal', '--tag', 'team=a', '--no-validate'],
    deadlineSeconds: 30,
    checks: (seen) => [
      exited(seen, 1),
      said(seen, 'which resource can’t take it', /tag: team can't be put on rehearsal: .*EchoConsumer/),
      stacksAre(seen, 'rehearsal', 'rehearsal CREATE_COMPLETE ours'),
    ],
  },
  {
    name: 'name taken',
    lane: 'slow',
    trap: 'another stack has a stream of the name that the template asks for',
    aws: 'fails the change set and keeps a stack in review',
    duty: 'say which name, and leave neither',
    before: (aws) => aws.create('first', FILES['taken.yaml']),
    command: ({ scratch }) => [
      ...['bench', 'stage', 'up', '--name', 'second', '--no-validate', ...inScratch(scratch, 'taken.yaml')],
    ],
    deadlineSeconds: 30,
    checks: (seen) => [
      exited(seen, 1),
      said(seen, 'which name is taken', /Stream \(AWS::Kinesis::Stream\): .*'taken' already exists/),
      stacksAre(seen, 'second'),
    ],
  },
  {
    name: 'cancel a change set',
    lane: 'slow',
    trap: 'Ctrl-C while AWS works the change set out, which can’t be deleted meanwhile',
    aws: 'keeps a stack in review',
    duty: 'take it back whole',
    command: () => ['bench', 'stage', 'up', '--name', 'given-up', '--no-validate'],
    interrupt: { by: 'Ctrl-C', when: (aws) => hasStack(aws, 'given-up', 'REVIEW_IN_PROGRESS') },
    deadlineSeconds: 30,
    checks: (seen) => [exited(seen, 130), stacksAre(seen, 'given-up')],
  },
  {
    name: 'another’s stack',
    lane: 'slow',
    trap: 'another tool made it, and somebody mistypes its name',
    aws: 'deletes what it is told to',
    duty: 'touch nothing that does not bear the mark',
    before: (aws) => aws.create('theirs', FILES['held.yaml']),
    command: () => ['bench', 'stage', 'down', '--name', 'theirs', '--yes'],
    deadlineSeconds: 30,
    checks: (seen) => [
      exited(seen, 1),
      said(seen, 'that it is somebody else’s', /theirs .*was not made by this tool/),
      stacksAre(seen, 'theirs', 'theirs CREATE_COMPLETE'),
    ],
  },
  {
    name: 'adopt',
    lane: 'slow',
    trap: 'it has a named consumer: a tag as mark would be rolled back',
    aws: 'takes a new output in place',
    duty: 'mark it, and change nothing else',
    command: ({ scratch }) => [
      ...['bench', 'stage', 'up', '--name', 'theirs', '--adopt', '--no-validate'],
      ...inScratch(scratch, 'held.yaml'),
    ],
    deadlineSeconds: 30,
    checks: (seen) => [
      exited(seen, 0),
      said(seen, 'that only outputs change', /changes theirs: outputs or tags only/),
      stacksAre(seen, 'theirs', 'theirs UPDATE_COMPLETE ours'),
    ],
  },
  {
    name: 'deletion fails',
    lane: 'slow',
    trap: 'a queue of it is in use',
    aws: 'stops at DELETE_FAILED',
    duty: 'say at once which resource, why, and what to do',
    command: () => ['bench', 'stage', 'down', '--name', 'theirs', '--yes'],
    after: (aws) => aws.deleteRetaining('theirs', ['Held']),
    deadlineSeconds: 45,
    checks: (seen) => [
      exited(seen, 1),
      said(seen, 'the reason of Held', /^error: Held \(AWS::SQS::Queue\): .*in use/m),
      said(seen, 'what to do', /theirs is not deleted \(DELETE_FAILED\): remove what the reasons name/),
      stackIs(seen, 'theirs', / DELETE_FAILED/),
    ],
  },
  ...AFTERMATH,
];
