/** What was judged: the thresholds the user set, the run's own validity, and the warnings with what to do about them. */
import { contradictionsIn } from '../../bench/judge/conservation.ts';
import type { RunResult, ValidityVerdict } from '../../bench/model/result.ts';
import {
  type Blocks,
  figureOf,
  list,
  none,
  only,
  page,
  paragraph,
  section,
  table,
  text,
  word,
} from '../document/blocks.ts';
import { code, html, type Inline, lines, mark, shown } from '../document/inline.ts';
import { amountText, durationText } from '../figures.ts';
import { validityMark } from '../provenance.ts';
import { fleetCheckOf } from './verdict.ts';

/** The sections on thresholds, validity and warnings. */
export function judgement(result: RunResult): Blocks {
  return [
    section('thresholds', 'Thresholds', thresholds(result)),
    section('validity', 'Can the figures be trusted?', validity(result), 'Validity'),
    section('warnings', 'Warnings', warnings(result)),
  ];
}

function thresholds({ thresholds: all }: RunResult): Blocks {
  if (all.length === 0)
    return none(['None were set. Add one with ', code("--threshold 'latency.response.p99 < 250'"), '.']);
  return table('Thresholds and what was measured', all, [
    word('threshold', ({ expression }) => code(expression)),
    word('verdict', ({ ok }) => mark(ok ? 'good' : 'bad', ok ? 'met' : 'not met')),
    figureOf('measured', ({ value }) => (value === null ? 'no value' : amountText(value))),
  ]);
}

const MEANINGS: Readonly<Record<ValidityVerdict, string>> = {
  valid: 'Every check of the driver and its metrics passed.',
  unknown: 'Mostly: nothing speaks against them, but not everything could be checked.',
  invalid: 'No: at least one check failed, so the figures describe something other than the stage.',
};

function validity(result: RunResult): Blocks {
  const { verdict, checks } = result.validity;
  const problems = checks.filter((check) => check.verdict !== 'valid');
  return [
    page(() => [
      paragraph(MEANINGS[verdict]),
      table('Validity checks; the worst decides', checks, [
        word('check', ({ name }) => name),
        word('verdict', (check) => validityMark(check.verdict)),
        word('evidence', ({ evidence }) => evidence),
      ]),
    ]),
    // Markdown has these among the reasons of the verdict.
    only('terminal', () =>
      list([...contradictionsIn(result).map((law) => mark('bad', law)), ...cutShort(result)]),
    ),
    text(() =>
      list(
        problems.map(({ name, verdict: own, evidence }) => validityMark(own, `${own}, ${name}: ${evidence}`)),
      ),
    ),
  ];
}

function cutShort(result: RunResult): Inline[] {
  if (!result.partial) return [];
  const what =
    fleetCheckOf(result) === undefined
      ? `cut short: ${durationText(result.plan.durationMs)} were planned`
      : 'partial: not all of the plan was driven';
  return [mark('unsure', what, '!')];
}

function warnings({ warnings: all }: RunResult): Blocks {
  if (all.length === 0) return none('None.');
  return list(
    all.map(({ code: name, text: what, advice }) => [
      shown('html', html`<p>${code(name)} ${what}</p><p class="advice">${advice}</p>`),
      shown('markdown', `${what} ${advice}`),
      shown('terminal', lines([mark('unsure', what, '!'), advice])),
    ]),
    'warnings',
  );
}
