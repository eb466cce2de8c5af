/**
 * Checks CloudFormation templates with AWS's own offline validator, as deploying does, for {@link REGIONS}. It fails on errors, on warnings
 * that are not excused below, on an excuse that is no longer needed, and on an analysis that could not finish.
 *
 * Usage: tsx scripts/validate-template.ts [TEMPLATE…]     (default: all of the product's)
 */
import { validateTemplates } from '../stack/aws/template-validation.ts';
import { REGIONS, TEMPLATES } from './deployable.ts';
import { scriptArguments } from './script-arguments.ts';

/** Warnings we accept, by rule id, each with the reason. None at present. */
const EXCUSED: Readonly<Record<string, string>> = {};

const { positionals } = scriptArguments({}, { positionals: true });
const isOurs = positionals.length === 0;
const problems: string[] = [];
const met = new Set<string>();
const paths = isOurs ? TEMPLATES : positionals;
for (const [index, findings] of (await validateTemplates(paths, REGIONS)).entries()) {
  const path = paths[index]!;
  for (const { ruleId } of findings) met.add(ruleId);
  const found = findings.filter(({ ruleId }) => !Object.hasOwn(EXCUSED, ruleId));
  problems.push(...found.map(({ line }) => `${path}: ${line}`));
  if (found.length === 0) console.log(`${path}: no errors, no warnings in ${REGIONS.length} regions`);
}
const stale = Object.keys(EXCUSED).filter((ruleId) => !met.has(ruleId));
if (isOurs) problems.push(...stale.map((ruleId) => `${ruleId} is excused and no longer found`));
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
