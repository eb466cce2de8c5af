/** The checks of the rehearsal: what survives a trap passes, and whatever else a command may do does not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judged, type Seen } from './step.ts';
import { STEPS } from './steps.ts';
import { conclusion, markdownTable, terminalTable } from './table.ts';

const OURS = 'rehearsal CREATE_COMPLETE ours';
const ARN = 'arn:aws:cloudformation:us-east-1:123456789012:stack/swept-1/1';

const run = (some: object = {}) => ({
  messages: { scheduled: 200, delivered: 200, lost: 0 },
  connections: { requested: 150, opened: 150, throttled: 100 },
  traffic: { probes: { sent: 63, unanswered: 0 } },
  metrics: { complete: true },
  partial: false,
  ...some,
});
const lossy = { messages: { scheduled: 200, delivered: 190, lost: 10 } };
const swept = (losses: readonly number[], some: object = {}) => ({
  cells: [0, 1].map((cell) => ({
    runs: losses
      .filter((_, index) => index % 2 === cell)
      .map((lost) => ({ status: 'done', figures: { lost } })),
  })),
  ...{ stacks: [], stackIds: { 'swept-1': ARN }, partial: false },
  ...some,
});
const claims = (verdict: string, evidence = '9 invocations of the audit service failed.') => ({
  claims: [{ findings: [{ verdict, evidence }] }],
});

/** What a command shows that does what it must, and how it could misbehave, by what is then seen. */
const OUTCOMES: Readonly<Record<string, { good: Partial<Seen>; bad: readonly Partial<Seen>[] }>> = {
  deploy: {
    good: { code: 0, stacks: [OURS] },
    bad: [
      { stacks: [] },
      { stacks: ['rehearsal CREATE_COMPLETE'] },
      { stacks: ['rehearsal CREATE_IN_PROGRESS ours'] },
    ],
  },
  probe: {
    good: { code: 4, file: run() },
    bad: [
      { file: null },
      { file: run(lossy) },
      { file: run({ traffic: { probes: { sent: 1, unanswered: 0 } } }) },
    ],
  },
  connect: {
    good: {
      code: 0,
      file: run(),
      text: 'for an account in a region, and\n    others may be connecting too.',
    },
    bad: [
      { text: '' },
      { file: run({ connections: { requested: 150, opened: 140, throttled: 100 } }) },
      { file: run({ connections: { requested: 150, opened: 150, throttled: 0 } }) },
    ],
  },
  'cancel a run': {
    good: { code: 130, stacks: [OURS], file: run({ partial: true }) },
    bad: [{ file: null }, { stacks: [] }, { file: run() }, { code: 0 }],
  },
  tag: {
    good: {
      code: 1,
      stacks: [OURS],
      text: "error: tag: team can't be put on rehearsal: EchoConsumer has it",
    },
    bad: [{ stacks: ['rehearsal UPDATE_ROLLBACK_COMPLETE ours'] }, { text: 'error: it failed' }, { code: 0 }],
  },
  'name taken': {
    good: { code: 1, text: "error: Stream (AWS::Kinesis::Stream): identifier 'taken' already exists" },
    bad: [{ stacks: ['second REVIEW_IN_PROGRESS'] }, { text: 'error: FAILED' }, { code: 0 }],
  },
  'cancel a change set': {
    good: { code: 130 },
    bad: [{ stacks: ['given-up REVIEW_IN_PROGRESS'] }, { code: 0 }],
  },
  'another’s stack': {
    good: {
      code: 1,
      stacks: ['theirs CREATE_COMPLETE'],
      text: 'error: theirs (…) was not made by this tool',
    },
    bad: [{ stacks: [] }, { stacks: ['theirs DELETE_IN_PROGRESS'] }, { code: 0 }, { text: '' }],
  },
  adopt: {
    good: { code: 0, stacks: ['theirs UPDATE_COMPLETE ours'], text: 'changes theirs: outputs or tags only' },
    bad: [
      { stacks: ['theirs UPDATE_ROLLBACK_COMPLETE'] },
      { text: 'changes theirs: 1 to replace' },
      { code: 1 },
    ],
  },
  'deletion fails': {
    good: {
      code: 1,
      stacks: ['theirs DELETE_FAILED ours'],
      text: 'error: Held (AWS::SQS::Queue): is in use\nerror: theirs is not deleted (DELETE_FAILED): remove what the reasons name',
    },
    bad: [{ code: 0 }, { text: 'error: theirs is not deleted (DELETE_FAILED)' }, { stacks: [] }],
  },
  'sweep, killed': {
    good: {
      code: null,
      file: swept([0, 0], { stacks: ['swept-1'] }),
      stacks: ['swept-1 UPDATE_COMPLETE ours'],
    },
    bad: [
      { file: swept([0, 3]) },
      { file: swept([0]) },
      { file: swept([0, 0], { stackIds: {} }) },
      { file: null },
    ],
  },
  'wrong account': {
    good: {
      code: 1,
      stacks: ['swept-1 UPDATE_COMPLETE ours'],
      strangers: ['swept-1 CREATE_COMPLETE'],
      text: 'error: it is in account 123456789012 (us-east-1), and these credentials are of account 210987654321',
    },
    bad: [
      { stacks: [] },
      { strangers: [] },
      { strangers: ['swept-1 UPDATE_COMPLETE'] },
      { text: 'stack swept-1 is gone' },
    ],
  },
  'wrong region, resume': {
    good: { code: 0, file: swept([0, 0, 0, 0]) },
    bad: [
      { file: swept([0, 0, 0, 1]) },
      { file: swept([0, 0, 0]) },
      { file: swept([0, 0, 0, 0], { stacks: ['swept-1'] }) },
      { stacks: ['swept-1 UPDATE_COMPLETE ours'] },
    ],
  },
  'killed in creation': {
    good: { code: null, stacks: ['killed CREATE_IN_PROGRESS'] },
    bad: [{ stacks: [] }, { stacks: ['killed REVIEW_IN_PROGRESS'] }],
  },
  'cleaned up by name': {
    good: { code: 0, text: 'killed is gone: no stack has the name' },
    bad: [
      { text: 'there is no stack killed: nothing to do' },
      { stacks: ['killed CREATE_COMPLETE ours'] },
      { code: 1 },
    ],
  },
  'killed in a run': { good: { code: null, stacks: ['perf-1 CREATE_COMPLETE ours'] }, bad: [{ stacks: [] }] },
  janitor: {
    good: { code: 0, stacks: [OURS], text: 'perf-1 is gone: no stack has the name' },
    bad: [
      { text: 'no stack of this tool named perf-… is that old' },
      { stacks: [OURS, 'perf-1 CREATE_COMPLETE ours'] },
      { stacks: [] },
      { code: 1 },
    ],
  },
  teardown: {
    good: {
      code: 0,
      stacks: ['first CREATE_COMPLETE'],
      text: 'rehearsal is gone: no stack has the name, arn is DELETE_COMPLETE; 18 resources deleted',
    },
    bad: [{ stacks: [OURS, 'first CREATE_COMPLETE'] }, { stacks: [] }, { text: 'deleting' }],
  },
  'silent errors': {
    good: { code: 4, file: run({ ...lossy, losses: { refused: { atLeast: 8, atMost: 10 } } }) },
    bad: [
      { file: run(lossy) },
      { file: run({ ...lossy, losses: { refused: { atLeast: 0, atMost: 3 } } }) },
      {
        file: run({
          ...lossy,
          losses: { refused: { atLeast: 8, atMost: 10 } },
          metrics: { complete: false },
        }),
      },
      { file: run() },
    ],
  },
  'uncounted errors': {
    good: { code: 0, file: claims('not shown') },
    bad: [
      { file: claims('refuted') },
      { file: claims('not shown', '0 invocations of the audit service failed') },
      { file: null },
    ],
  },
};

const NOTHING: Seen = {
  ...{ code: 0, isLate: false, wasInterrupted: true, text: '', seconds: 1 },
  ...{ stacks: [], strangers: [], file: null },
};

/** What no step survives. */
const NEVER: readonly Partial<Seen>[] = [{ code: 2 }, { isLate: true }, { wasInterrupted: false }];

test('every step has outcomes here', () => {
  assert.deepEqual(
    Object.keys(OUTCOMES),
    STEPS.map(({ name }) => name),
  );
});

for (const step of STEPS) {
  const { good, bad } = OUTCOMES[step.name]!;
  const rowOf = (some: Partial<Seen>) => judged(step, 'bench', { ...NOTHING, ...good, ...some });

  test(`${step.name}: what a command does that steps around the trap survives`, () => {
    const { survived, evidence } = rowOf({});
    assert.ok(survived, evidence);
  });

  test(`${step.name}: a command that does otherwise does not survive`, () => {
    // A command that is killed has no exit code to get wrong.
    const never = NEVER.filter(({ code }) => code === undefined || good.code !== null);
    for (const some of [...bad, ...never]) {
      const { survived, evidence } = rowOf(some);
      assert.ok(!survived && evidence !== '', `${JSON.stringify(some)}: ${evidence}`);
    }
  });
}

test('the table tells failures with what was seen, and the conclusion counts what was not rehearsed', () => {
  const [deploy, probe] = STEPS.slice(0, 2);
  const text = Array.from({ length: 20 }, (_, index) => `line ${index}`).join('\n');
  const rows = [
    judged(deploy!, 'bench stage up', { ...NOTHING, stacks: [OURS] }),
    judged(probe!, 'bench run a|b', { ...NOTHING, code: 1, text }),
  ];
  assert.deepEqual(
    [rows[0]!.lastLines, rows[1]!.lastLines.length, rows[1]!.lastLines.at(-1)],
    [[], 12, 'line 19'],
  );
  const ending = conclusion(rows, 3, 61.4);
  assert.equal(ending, '1 of 3 survived in 1 min 1 s; 1 were not rehearsed');
  const lines = terminalTable(rows, 60);
  assert.ok(
    lines.every((line) => line.length <= 60),
    lines.join('\n'),
  );
  assert.match(lines.join('\n'), /^✗ probe {2}1\.0 s\n {2}command {2}bench run a\|b$/m);
  const page = markdownTable(rows, ending);
  assert.match(page, /\| `bench run a\\\|b` \|.* \| ✗ \|$/m);
});
