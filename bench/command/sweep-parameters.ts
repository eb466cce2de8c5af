/** Whether the template has the parameters that a grid sets, and takes their values: found before the first run, not in it. */
import { fileURLToPath } from 'node:url';
import {
  parameterProblems,
  readTemplate,
  type Template,
  TemplateProblems,
} from '../../stack/aws/template.ts';
import { PLAN_FIELDS } from '../model/plan.ts';
import type { SweepCell } from '../model/sweep.ts';

const REFERENCE_TEMPLATE = fileURLToPath(new URL('../../stack/template.yaml', import.meta.url));

/** The template of a sweep. Throws TemplateProblems. */
export function sweepTemplate(path: string | null): Template {
  return readTemplate(path ?? REFERENCE_TEMPLATE);
}

/** Problems of all cells' parameters, each once. */
export function gridParameterProblems(path: string | null, cells: readonly SweepCell[]): string[] {
  const template = templateOr(path);
  if (Array.isArray(template)) return template;
  const problems = cells.flatMap(({ plan }) => parameterProblems(template, plan.parameters, {}));
  return [...new Set(problems)].map((problem) =>
    / has no parameter /.test(problem)
      ? `${problem} (settings of a plan that can vary are ${LOADS.join(', ')})`
      : problem,
  );
}

/** The settings that people vary, of all that may. */
const LOADS = PLAN_FIELDS.filter((name) =>
  ['connections', 'rate', 'inFlight', 'payloadBytes', 'arrival', 'churn', 'dispatch', 'profile'].includes(
    name,
  ),
);

function templateOr(path: string | null): Template | string[] {
  try {
    return sweepTemplate(path);
  } catch (error) {
    if (error instanceof TemplateProblems) return [...error.problems];
    throw error;
  }
}
