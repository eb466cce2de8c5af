/** `bench compare`: its flags, and what it is composed of. */
import type { Argv } from 'yargs';
import { compare } from '../../reports/compare/compare.ts';
import { hasInvalid } from '../../reports/compare/comparison.ts';
import { comparisonDocument, worstFirst } from '../../reports/compare/document.ts';
import { selfCheck, selfCheckLines } from '../../reports/compare/self-check.ts';
import { readSide } from '../../reports/compare/side.ts';
import { renderTerminal } from '../../reports/document/terminal.ts';
import { writeComparison } from '../../reports/saved-reports.ts';
import { compareCommand } from '../command/compare.ts';
import { seededRandom } from '../measure/random.ts';
import { type Arguments, handle, lastOf } from './arguments.ts';

export function compareVerbs(parser: Argv): Argv {
  return parser.command(
    'compare [sides..]',
    'hold runs, or sets of repeats, against a base: BASE CANDIDATE…',
    compareFlags,
    handle(compareVerb),
  );
}

function compareFlags(parser: Argv): Argv {
  const text = (describe: string) => ({ type: 'string', describe }) as const;
  return parser
    .positional('sides', {
      type: 'string',
      array: true,
      describe: 'BASE and the candidates: run directories, or directories whose subdirectories are repeats',
    })
    .options({
      'smallest-effect': text('smallest change of a percentile or of throughput that matters (default 5%)'),
      'smallest-ratio': text('ratios of violations nearer than this are the same (default 0.1%)'),
      'fail-on': text(
        "'worse': exit code 3 when any metric is worse, 4 when a run is invalid or partial; takes two runs or more a side",
      ),
      'allow-single-runs': {
        type: 'boolean',
        default: false,
        describe: 'with --fail-on: judge one run a side too, although runs of one setting differ',
      },
      force: {
        type: 'boolean',
        default: false,
        describe: 'compare runs of different load, connections, payload, duration or kind of stage',
      },
      'self-check': text('directory of repeats of one setting: false-alarm rate and power of comparing them'),
      effect: text('of a self-check: the effect whose power is asked for (default 10%)'),
      seed: text('seed of the resampling (default 1)'),
      out: text('new or empty directory (default reports/runs/TIME-compare-ID)'),
      quiet: {
        type: 'boolean',
        default: false,
        describe: 'print where the report is, and a verdict when the exit code is not 0',
      },
      json: { type: 'boolean', default: false, describe: 'print comparison.json and nothing else' },
    })
    .example('$0 compare reports/runs/A reports/runs/B', 'two runs')
    .example('$0 compare before/ after/ --fail-on worse', 'repeats of two settings, in CI')
    .example('$0 compare --self-check before/ --effect 10%', 'what would be noticed, and what falsely');
}

function compareVerb(argv: Arguments): Promise<number> {
  const given = (name: string) => lastOf(argv[name]) as string | undefined;
  return compareCommand(
    {
      flags: {
        sides: (argv.sides as string[] | undefined) ?? [],
        selfCheck: given('self-check'),
        smallestEffect: given('smallest-effect'),
        smallestRatio: given('smallest-ratio'),
        effect: given('effect'),
        seed: given('seed'),
        failOn: given('fail-on'),
        allowSingleRuns: argv['allow-single-runs'] === true,
        force: argv.force === true,
      },
      out: given('out'),
      quiet: argv.quiet === true,
      json: argv.json === true,
    },
    {
      readSide,
      countRuns: ({ runs }) => runs.length,
      compare: (base, candidates, { force, ...settings }) =>
        compare(base, candidates, { ...settings, forced: force, chance: seededRandom(settings.seed) }),
      isDoubtful: ({ base, contests }) =>
        [base, ...contests.map(({ candidate }) => candidate)].some(hasInvalid),
      write: writeComparison,
      summary: (comparison, options) =>
        renderTerminal(comparisonDocument(options.isBrief ? worstFirst(comparison) : comparison), options),
      selfCheck: ({ runs }, settings) =>
        selfCheck(runs, { ...settings, chance: seededRandom(settings.seed) }),
      selfCheckLines,
    },
  );
}
