/**
 * Checks CloudFormation templates with AWS's own offline validator, as deploying does. It fails on errors, on warnings
 * that are not excused below, on an excuse that is no longer needed, and on an analysis that could not finish.
 *
 * Usage: tsx scripts/validate-template.ts [TEMPLATE…]     (default: all of the product's)
 */
import { readdirSync } from 'node:fs';
import { validateTemplate } from '../stack/aws/template-validation.ts';
import { scriptArguments } from './script-arguments.ts';

/** Warnings we accept, by rule id, each with the reason. None at present. */
const EXCUSED: Readonly<Record<string, string>> = {};

/** All that the product deploys. */
const OURS = readdirSync('stack')
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => `stack/${file}`);

const { positionals } = scriptArguments({}, { positionals: true });
const isOurs = positionals.length === 0;
const problems: string[] = [];
const met = new Set<string>();
for (const path of isOurs ? OURS : positionals) {
  const findings = await validateTemplate(path);
  for (const { ruleId } of findings) met.add(ruleId);
  const found = findings.filter(({ ruleId }) => !Object.hasOwn(EXCUSED, ruleId));
  problems.push(...found.map(({ line }) => `${path}: ${line}`));
  if (found.length === 0) console.log(`${path}: no errors, no warnings`);
}
const stale = Object.keys(EXCUSED).filter((ruleId) => !met.has(ruleId));
if (isOurs) problems.push(...stale.map((ruleId) => `${ruleId} is excused and no longer found`));
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
