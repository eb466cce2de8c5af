/** The second half of the rehearsal: what is killed, and what others find of it; the end of the stack; what metrics don't tell. */
import path from 'node:path';
import type { ClaimsResult } from '../../bench/model/claim.ts';
import { exited, hasStack, LOAD, ran, resultOf, said, stackIs, stacksAre, sweepOf } from './checks.ts';
import { FILES, STRANGER } from './stages.ts';
import type { Seen, Step } from './step.ts';

export const AFTERMATH: readonly Step[] = [
  {
    name: 'sweep, killed',
    lane: 'slow',
    trap: 'after the update in place the old poller goes on for a minute, then nobody reads for half a one; then the machine is lost',
    aws: 'loses what comes in the gap, and keeps the stack',
    duty: 'wait until the mapping was left alone; have the ARN on record, so that the sweep can go on',
    command: ({ out }) => [
      ...['bench', 'sweep', 'quick', '--on', 'aws', '--name', 'swept', '--vary', 'BatchSize=50,100'],
      ...[
        '--repeats',
        '2',
        '--connections',
        '10',
        '--rate',
        '40',
        '--duration',
        '2s',
        ...LOAD,
        '--no-metrics',
      ],
      ...['--out', path.join(out, 'sweep')],
    ],
    interrupt: { by: 'group', when: (_, text) => /^2\/4 /m.test(text) },
    reads: 'sweep/sweep.json',
    deadlineSeconds: 90,
    checks: (seen) => [
      [`lost in its runs so far: ${lossesOf(seen)}`, lossesOf(seen) === '0, 0'],
      [
        `both cells were measured`,
        sweepOf(seen).cells.length === 2 && sweepOf(seen).cells.every(({ runs }) => runs.length === 1),
      ],
      ['the ARN is on record', sweepOf(seen).stackIds?.['swept-1']?.startsWith('arn:aws:') === true],
      stackIs(seen, 'swept-1', /_(COMPLETE|IN_PROGRESS).* ours$/),
    ],
  },
  {
    name: 'wrong account',
    lane: 'slow',
    trap: 'resumed with credentials of another account, where a stack has the same name',
    aws: 'would update and delete the stranger’s stack',
    duty: 'say where the sweep’s own runs, and touch neither',
    before: (aws) => aws.create('swept-1', FILES['taken.yaml'], STRANGER),
    command: ({ out }) => ['bench', 'sweep', '--resume', path.join(out, 'sweep')],
    environment: { AWS_ACCESS_KEY_ID: STRANGER },
    deadlineSeconds: 30,
    checks: (seen) => [
      exited(seen, 1),
      said(seen, 'whose account it is', /in account 123456789012 .*are of account 210987654321/),
      stackIs(seen, 'swept-1', / ours$/),
      [`the stranger’s ${seen.strangers.join()}`, seen.strangers.join() === 'swept-1 CREATE_COMPLETE'],
    ],
  },
  {
    name: 'wrong region, resume',
    lane: 'slow',
    trap: 'resumed where the environment says eu-west-1',
    aws: 'says there that no such stack exists, while it runs on elsewhere',
    duty: 'go on where the sweep was, delete what it left by its ARN, measure the rest, leave nothing',
    command: ({ out }) => [
      ...['bench', 'sweep', '--resume', path.join(out, 'sweep'), '--no-metrics', '--no-calibration'],
    ],
    environment: { AWS_REGION: 'eu-west-1' },
    reads: 'sweep/sweep.json',
    deadlineSeconds: 90,
    checks: (seen) => {
      const { partial, stacks } = sweepOf(seen);
      return [
        exited(seen, 0, 3, 4),
        [`lost in its runs: ${lossesOf(seen)}`, !partial && lossesOf(seen) === '0, 0, 0, 0'],
        [`${stacks.length} stacks on record`, stacks.length === 0],
        stacksAre(seen, 'swept-'),
      ];
    },
  },
  {
    name: 'killed in creation',
    lane: 'slow',
    trap: 'the deployment is killed while its stack is made',
    aws: 'goes on making it',
    duty: 'nothing: the name has to do for whoever cleans up',
    command: () => ['bench', 'stage', 'up', '--name', 'killed', '--no-validate'],
    interrupt: { by: 'group', when: (aws) => hasStack(aws, 'killed', 'CREATE_IN_PROGRESS') },
    deadlineSeconds: 30,
    checks: (seen) => [stackIs(seen, 'killed', / CREATE_IN_PROGRESS/)],
  },
  {
    name: 'cleaned up by name',
    lane: 'slow',
    trap: 'the stack is still being made',
    aws: 'takes the deletion of a stack that it is making',
    duty: 'ask for it at once, and see it to its end',
    command: () => ['bench', 'stage', 'down', '--name', 'killed', '--yes', '--quiet', '--wait', '1m'],
    deadlineSeconds: 45,
    checks: (seen) => [
      exited(seen, 0),
      said(seen, 'that it is gone', /killed is gone: /),
      stacksAre(seen, 'killed'),
    ],
  },
  {
    name: 'killed in a run',
    lane: 'slow',
    trap: 'a performance job’s runner is lost in the middle of a run',
    aws: 'bills the stack on',
    duty: 'nothing: whoever cleans up later has only the beginning of the name',
    command: ({ out, scratch }) => [
      ...['performance', '--history', path.join(scratch, 'history'), '--out', path.join(out, 'performance')],
      ...['--repeats', '1'],
    ],
    interrupt: { by: 'group', when: (aws) => aws.isDriven('perf-') },
    deadlineSeconds: 150,
    checks: (seen) => [stackIs(seen, 'perf-', / CREATE_COMPLETE ours$/)],
  },
  {
    name: 'janitor',
    lane: 'slow',
    trap: 'nobody knows its name any more, and other stacks are in use',
    aws: 'lets stacks live until somebody deletes them',
    duty: 'delete what begins so and bears the mark, nothing else',
    command: () => ['bench', 'stage', 'clean', '--prefix', 'perf-', '--older-than', '0s'],
    deadlineSeconds: 45,
    checks: (seen) => [
      exited(seen, 0),
      said(seen, 'what it deleted', /perf-\S+ is gone: /),
      stacksAre(seen, 'perf-'),
      stacksAre(seen, 'rehearsal', 'rehearsal CREATE_COMPLETE ours'),
    ],
  },
  {
    name: 'teardown',
    lane: 'slow',
    trap: '18 resources, each of which takes its time',
    aws: 'says DELETE_IN_PROGRESS and no more',
    duty: 'follow it by the ARN, and show that nothing is left',
    command: () => ['bench', 'stage', 'down', '--name', 'rehearsal', '--yes', '--quiet'],
    deadlineSeconds: 45,
    checks: (seen) => [
      exited(seen, 0),
      said(seen, 'that it is gone', /rehearsal is gone: no stack has the name, .* is DELETE_COMPLETE/),
      stacksAre(seen, '', 'first CREATE_COMPLETE'),
    ],
  },
  {
    name: 'silent errors',
    lane: 'silent',
    trap: 'the stream refuses a twentieth of the messages, and their senders hear nothing',
    aws: 'tells CloudWatch alone',
    duty: 'read IntegrationError there, and say of the lost who refused them',
    command: ({ out }) => [
      ...['bench', 'run', 'quick', '--stage', 'silent', '--connections', '20', '--rate', '100'],
      ...['--duration', '4s', ...LOAD, '--out', path.join(out, 'silent')],
    ],
    reads: 'silent/result.json',
    deadlineSeconds: 120,
    checks: (seen) => {
      const { messages, losses, metrics } = resultOf(seen);
      const { atLeast, atMost } = losses?.refused ?? { atLeast: 0, atMost: 0 };
      return [
        ran(seen),
        [
          `${messages.lost} of ${messages.scheduled} lost, ${atLeast} to ${atMost} of them refused by the stream`,
          messages.lost > 0 && atMost === messages.lost,
        ],
        [`metrics are ${metrics?.complete ? '' : 'not '}complete`, metrics?.complete === true],
      ];
    },
  },
  {
    name: 'uncounted errors',
    lane: 'uncounted',
    trap: 'a service throws, and its mapping’s failed invocations do not count it',
    aws: 'counts it as an error of the function',
    duty: 'read that, and refute nothing by what is not counted',
    command: ({ out }) => [
      ...['bench', 'claims', '--stage', 'uncounted', '--quick', '--only', 'decoupled'],
      ...['--out', path.join(out, 'claims')],
    ],
    reads: 'claims/claims.json',
    // It waits for CloudWatch's whole minutes, which nothing shortens.
    deadlineSeconds: 210,
    checks: (seen) => {
      const findings = (seen.file as ClaimsResult).claims.flatMap((claim) => claim.findings);
      const failed = /(\d+) invocations of the audit service failed/.exec(findings[0]?.evidence ?? '')?.[1];
      const refuted = findings.filter(({ verdict }) => verdict === 'refuted').length;
      return [
        ran(seen),
        [`${failed ?? 'no'} failed invocations seen`, Number(failed ?? 0) > 0],
        [`${refuted} of ${findings.length} findings refuted`, refuted === 0 && findings.length > 0],
      ];
    },
  },
];

/** Lost messages of each run; a run that failed lost all. */
function lossesOf(seen: Seen): string {
  const runs = sweepOf(seen).cells.flatMap((cell) => cell.runs);
  return runs.map((run) => (run.status === 'done' ? String(run.figures.lost) : 'failed')).join(', ');
}
