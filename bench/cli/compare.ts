/** `bench compare`: its flags, and what it is composed of. */
import { compare } from '../../reports/compare/compare.ts';
import { hasInvalid } from '../../reports/compare/comparison.ts';
import { comparisonDocument, worstFirst } from '../../reports/compare/document.ts';
import { selfCheck, selfCheckLines } from '../../reports/compare/self-check.ts';
import { readSide } from '../../reports/compare/side.ts';
import { renderTerminal } from '../../reports/document/terminal.ts';
import { writeComparison } from '../../reports/saved-reports.ts';
import { compareCommand } from '../command/compare.ts';
import { COMPARE_FLAGS } from '../command/compare-options.ts';
import { seededRandom } from '../measure/random.ts';
import { type Verb, verb } from './verb.ts';

export const verbs: readonly Verb[] = [
  verb({
    usage: 'compare [sides..]',
    help: 'compare runs, or sets of repeats, with a baseline: BASE CANDIDATE…',
    words: 'BASE and the candidates: run directories, or directories whose subdirectories are repeats',
    flags: COMPARE_FLAGS,
    examples: [
      ['compare reports/runs/A reports/runs/B', 'two runs'],
      ['compare before/ after/ --fail-on worse', 'repeats of two settings, in CI'],
      ['compare --self-check before/ --effect 10%', 'what would be noticed, and what falsely'],
    ],
    run: (given) =>
      compareCommand(given, {
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
      }),
  }),
];
