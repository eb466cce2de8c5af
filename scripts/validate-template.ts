/**
 * Checks a CloudFormation template with AWS's own offline validator: resource schemas, cfn-lint's rules, runtimes and
 * ranges. It fails on errors, on warnings that are not excused below, on an excuse that is no longer needed, and on an
 * analysis that could not finish. The validator takes seconds and half a gigabyte, so it has a process to itself.
 *
 * Usage: tsx scripts/validate-template.ts [TEMPLATE]     (default stack/template.yaml)
 */
import { parseArgs } from 'node:util';
import { RegoEngine, type StandardDiagnostic, TemplateFile } from '@aws/cloudformation-validate';

/** Warnings we accept, by rule id, each with the reason. None at present. */
const EXCUSED: Readonly<Record<string, string>> = {};

const DEFAULT_TEMPLATE = 'stack/template.yaml';

const { positionals } = parseArgs({ allowPositionals: true });
const path = positionals[0] ?? DEFAULT_TEMPLATE;
const engine = new RegoEngine();
try {
  const { status, diagnostics } = engine.validateStandard(new TemplateFile(path), { severityLevel: 'WARN' });
  const found = diagnostics.filter(({ ruleId }) => !Object.hasOwn(EXCUSED, ruleId));
  const stale = Object.keys(EXCUSED).filter(
    (ruleId) => !diagnostics.some((finding) => finding.ruleId === ruleId),
  );
  for (const finding of found) console.error(lineOf(finding));
  for (const ruleId of path === DEFAULT_TEMPLATE ? stale : [])
    console.error(`${ruleId} is excused and no longer found`);
  if (status !== 'OK') console.error(`${path}: the analysis ended with ${status}`);
  const failed = found.length > 0 || status !== 'OK' || (path === DEFAULT_TEMPLATE && stale.length > 0);
  if (!failed) console.log(`${path}: no errors, no warnings`);
  process.exitCode = failed ? 1 : 0;
} finally {
  engine.free();
}

function lineOf({ severity, ruleId, startLine, entity, propertyPath, message }: StandardDiagnostic): string {
  const place = [entity?.logicalId, propertyPath].filter((part) => part !== undefined).join('.');
  return `${path}:${startLine ?? '?'}: ${severity} ${ruleId} ${place}: ${message}`;
}
