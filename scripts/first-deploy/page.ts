/** The checklist as lines for a terminal. */
import { styleText } from 'node:util';
import { pricesText } from '../../bench/model/prices-text.ts';
import { dollars } from '../../stack/aws/cost.ts';
import type { Checklist, ChecklistStep, StepId } from './checklist.ts';
import type { Finding, Findings, Verified } from './verification.ts';

const MARKS = { done: '✓', open: '○', failed: '✗', unknown: '·' } as const;
const COLOURS = { done: 'green', open: 'yellow', failed: 'red', unknown: 'dim' } as const;

/** All of it; Node leaves colours out where they are not wanted. */
export function pageOf(checklist: Checklist, { reason, findings }: Verified): string[] {
  const { cost } = checklist;
  return [
    ...checklist.steps.flatMap((step, index) => stepLines(step, index, findings[step.id])),
    '',
    `all of it: about ${dollars(cost.total)} where it is torn down within the hour (${pricesText(cost)})`,
    ...cost.notes.map((note) => `  ${note}`),
    '',
    ...(reason === null ? [] : [`nothing was verified: ${reason}`]),
    ...nextLines(checklist, findings),
  ];
}

function stepLines(
  { title, why, commands, cost }: ChecklistStep,
  index: number,
  { state, detail }: Finding = { state: 'unknown', detail: '' },
): string[] {
  const mark = styleText(COLOURS[state], MARKS[state]);
  return [
    '',
    `${mark} ${index + 1}. ${title}`,
    ...(detail === '' ? [] : [`    ${state}: ${detail}`]),
    `    ${why}`,
    ...commands.map((command) => `    $ ${command}`),
    `    costs ${cost}`,
  ];
}

/** What to type now: of the first step that is not done, and while a stack stands how to end it. */
function nextLines({ steps }: Checklist, findings: Findings): string[] {
  const isDone = ({ id }: ChecklistStep) => findings[id]?.state === 'done';
  const commandOf = (id: StepId) => steps.find((step) => step.id === id)!.commands.at(-1)!;
  const failure = steps.find(({ id }) => findings[id]?.state === 'failed');
  const isStanding = findings.teardown?.state === 'open';
  const end = isStanding ? [`to end it: ${commandOf('teardown')}`] : [];
  if (failure !== undefined)
    return [`next: mend step ${steps.indexOf(failure) + 1}, ${failure.title}, then run this again`, ...end];
  if (findings.teardown?.state === 'done')
    return [`nothing stands there any more; to deploy it again: ${commandOf('deploy')}`];
  // What can't be verified holds nobody up.
  const next = steps.find((step) => !isDone(step) && findings[step.id]?.state !== 'unknown');
  const command = next === undefined ? commandOf('teardown') : next.commands.at(0)!;
  return [`next: ${command}`, ...(command === commandOf('teardown') ? [] : end)];
}
