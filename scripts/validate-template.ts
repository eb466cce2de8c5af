/**
 * Checks a CloudFormation template with AWS's own offline validator, as deploying does. It fails on errors, on warnings
 * that are not excused below, on an excuse that is no longer needed, and on an analysis that could not finish.
 *
 * Usage: tsx scripts/validate-template.ts [TEMPLATE]     (default stack/template.yaml)
 */
import { parseArgs } from 'node:util';
import { validateTemplate } from '../stack/aws/template-validation.ts';

/** Warnings we accept, by rule id, each with the reason. None at present. */
const EXCUSED: Readonly<Record<string, string>> = {};

const DEFAULT_TEMPLATE = 'stack/template.yaml';

const { positionals } = parseArgs({ allowPositionals: true });
const path = positionals[0] ?? DEFAULT_TEMPLATE;
const findings = await validateTemplate(path);
const found = findings.filter(({ ruleId }) => !Object.hasOwn(EXCUSED, ruleId));
const stale = Object.keys(EXCUSED).filter((excused) => !findings.some(({ ruleId }) => ruleId === excused));
const problems = [
  ...found.map(({ line }) => line),
  ...(path === DEFAULT_TEMPLATE ? stale.map((ruleId) => `${ruleId} is excused and no longer found`) : []),
];
for (const problem of problems) console.error(problem);
if (problems.length === 0) console.log(`${path}: no errors, no warnings`);
process.exitCode = problems.length === 0 ? 0 : 1;
