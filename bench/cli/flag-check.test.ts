/** Refusals of the command line, for every verb as it declares itself; through yargs where that is what could differ. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { allVerbs } from '../cli.ts';
import { dashed } from '../model/plan.ts';
import { flagProblems, withSignedValues } from './flag-check.ts';
import { refused } from './testing/refused.ts';
import { flagsOf, givenOf, nameOf, optionsOf, type Verb } from './verb.ts';

let verbs: Verb[] = [];
before(async () => {
  verbs = await allVerbs();
});

/** What is said of a verb with one flag, without yargs. */
function saidOf(verb: string, flag: string, value = 'x'): string[] {
  return flagProblems(
    { args: [`--${flag}`, value], argv: { _: verb.split(' '), $0: 'bench', [flag]: value } },
    verbs,
  );
}

test('every verb refuses every flag of every other verb that it does not have, and takes its own', () => {
  assert.ok(verbs.length >= 18, 'all verbs are looked at');
  const all = [...new Set(verbs.flatMap((verb) => [...flagsOf(verb).keys()]))];
  for (const verb of verbs) {
    const taken = all.filter((flag) => saidOf(nameOf(verb), flag).length === 0);
    assert.deepEqual(taken.sort(), [...flagsOf(verb).keys()].sort(), nameOf(verb));
  }
});

test('a flag of another verb is refused with that verb, and with what says the same here', () => {
  assert.deepEqual(
    [saidOf('run', 'slo'), saidOf('run', 'repeats'), saidOf('sweep', 'slo'), saidOf('stage up', 'of')].flat(),
    [
      '--slo is a flag of capacity and claims; for run use --threshold',
      '--repeats is a flag of sweep; run has none like it, leave it out',
      '--slo is a flag of capacity and claims; for sweep use --threshold',
      '--of is a flag of worker; stage up has none like it, leave it out',
    ],
  );
});

test('a flag that was mistyped is refused with the one that was meant', () => {
  assert.deepEqual(
    [
      ...[saidOf('run', 'treshold'), saidOf('run', 'connectRate'), saidOf('run', 'vus')],
      ...[saidOf('history', 'metrc'), saidOf('doctor', 'zzz')],
    ].flat(),
    [
      '--treshold: run has no such flag; did you mean --threshold?',
      '--connectRate: run has no such flag; did you mean --connect-rate?',
      '--vus: run has no such flag; did you mean --connections?',
      '--metrc: history has no such flag; did you mean --metric?',
      '--zzz: doctor has no such flag; bench doctor --help lists what it has',
    ],
  );
});

test('a command line is refused with everything that is wrong with it, and drives nothing', async () => {
  const flags = ['--slo', 'latency.response.p99 < 1', '--repeats', '9', '--on', 'aws', '--rate', 'x'];
  assert.deepEqual(await refused('run', ...flags, '--out', '', '--quiet=yes', 'quick', 'more'), [
    2,
    [
      'error: --slo is a flag of capacity and claims; for run use --threshold',
      'error: --repeats is a flag of sweep; run has none like it, leave it out',
      'error: --on is a flag of sweep; run has none like it, leave it out',
      'error: out: has no value; write one after --out, or leave it out',
      'error: quiet: takes no value; write --quiet alone, or leave it out',
      "error: unexpected argument 'more'; usage is bench run [plan]",
      "error: rate: 'x' is not a rate such as 500 or 500/s",
    ],
  ]);
});

test('a verb that was mistyped is refused with the one that was meant, or with all there are', async () => {
  assert.deepEqual(
    [await refused('rnu'), await refused('stage', 'upp'), await refused('fleet', 'zzz', '--rate', '5')],
    [
      [2, ["error: there is no command 'bench rnu'; did you mean bench run?"]],
      [2, ["error: there is no command 'bench stage upp'; did you mean bench stage up?"]],
      [2, ["error: there is no command 'bench fleet zzz'; there are run, merge, plan"]],
    ],
  );
});

test('arguments that nobody asked for are refused, and those that may hold a secret are not repeated', async () => {
  assert.deepEqual(
    [
      await refused('stage', 'down', 'my-stack'),
      await refused('doctor', 'now'),
      await refused('history', 'runs', 'wss://example.com/?token=secret'),
      await refused('history', 'runs', 'Authorization: Bearer secret'),
      await refused('report', '--run', 'x', 'x'),
    ],
    [
      [2, ["error: unexpected argument 'my-stack'; use --name"]],
      [2, ["error: unexpected argument 'now'; bench doctor takes flags only"]],
      [2, ["error: unexpected argument '…'; usage is bench history [directory]"]],
      [2, ["error: unexpected argument '…'; usage is bench history [directory]"]],
      [2, ['error: --run is no flag; usage is bench report <run>']],
    ],
  );
});

test('whoever asks for help is not told what is missing', () => {
  for (const words of [[], ['stage'], ['rnu'], ['run']]) {
    assert.deepEqual(flagProblems({ args: ['--help'], argv: { _: words, help: true } }, verbs), []);
  }
});

test('a negative value is a value; a missing one and flags with one dash are told as what they are', async () => {
  assert.deepEqual(withSignedValues(['run', '--duration', '-5s', '--rate=1', '-4', '--quiet']), [
    ...['run', '--duration=-5s', '--rate=1', '-4', '--quiet'],
  ]);
  assert.deepEqual(
    [
      await refused('run', '--duration', '-5s', '--connections', '-3'),
      await refused('run', '--duration'),
      await refused('run', '--threshold', '--quiet'),
      await refused('run', '-rate', '5'),
      await refused('worker'),
    ],
    [
      [
        2,
        [
          'error: connections: must be at least 1',
          "error: duration: '-5s' is not a duration such as 30s, 5m or 250ms",
        ],
      ],
      [2, ['error: duration: has no value; write one after --duration, or leave it out']],
      [2, ['error: threshold: has no value; write one after --threshold, or leave it out']],
      [2, ['error: -rate: flags have two dashes; write --rate']],
      [
        2,
        [
          'error: plan: must be given; see --help',
          'error: start-at: say when the schedule starts, such as 2030-01-01T12:00:00Z, the same for all workers',
          'error: out: must be given; see --help',
          'error: of: say how many workers there are with --of, 1 to 10000',
          'error: index: say which worker this is with --index, from 0 to one below --of',
        ],
      ],
    ],
  );
});

test('a flag that is named as what every object has is refused in a sentence', async () => {
  assert.deepEqual(await refused('run', '--constructor', '1', '--no-toString', '--__proto__=x'), [
    2,
    ['constructor', 'toString', '__proto__'].map((name) => `error: --${name}: there is no such flag`),
  ]);
});

test('every value that a flag can’t have is refused with the name of the flag, all of them at once', () => {
  for (const verb of verbs) {
    const own = Object.entries(verb.flags).filter(([, { shape }]) => shape === 'text');
    const refusing = own
      .filter(([, { schema }]) => !schema.safeParse('?').success)
      .map(([name]) => dashed(name));
    const { problems } = givenOf(verb, Object.fromEntries(own.map(([name]) => [dashed(name), '?'])));
    const told = problems.filter((problem) => problem.includes("'?'") || problem.includes('? is'));
    assert.deepEqual(
      told.map((problem) => problem.split(':')[0]),
      refusing,
      nameOf(verb),
    );
  }
});

test('the help of a flag has its unit, and its default where it has one', async () => {
  const budget = optionsOf(verbs.find((verb) => nameOf(verb) === 'capacity')!).budget;
  assert.deepEqual(budget, {
    type: 'string',
    describe: 'time for all probes (duration)',
    defaultDescription: '10m',
  });
  for (const verb of verbs.filter(({ settings = [] }) => settings.includes('drain'))) {
    const { drain, 'payload-bytes': size } = optionsOf(verb);
    assert.deepEqual(
      [drain, size],
      [
        {
          type: 'string',
          describe: 'how long to wait for outstanding answers after the window (duration)',
          defaultDescription: '10s',
        },
        { type: 'string', describe: 'size of a message (bytes)', defaultDescription: '256' },
      ],
      nameOf(verb),
    );
  }
});
