/**
 * Checks a CloudFormation template with AWS's own offline validator: resource schemas, cfn-lint's rules, runtimes and
 * ranges. No account is needed and nothing leaves the machine.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { StandardDiagnostic } from '@aws/cloudformation-validate';
import { z } from 'zod';
import { StageError } from './stage-error.ts';

const VALIDATOR = fileURLToPath(new URL('./template-validator.mjs', import.meta.url));

const REPORTS = z.array(
  z.array(z.object({ region: z.string(), status: z.string(), diagnostics: z.array(z.unknown()) })),
);

export interface TemplateFinding {
  readonly severity: 'error' | 'warning';
  readonly ruleId: string;
  /** `file:line: WARN W1234 Resource.Property: message`. */
  readonly line: string;
}

/** What the validator has to say of a template in a region. Throws a StageError where it can't finish. */
export async function validateTemplate(
  path: string,
  region: string,
  signal?: AbortSignal,
): Promise<TemplateFinding[]> {
  return (await validateTemplates([path], [region], signal))[0]!;
}

/**
 * The same of several, which takes little longer: by template, in its order and each finding once; one that is not so in all
 * of the regions says in which it is.
 */
export async function validateTemplates(
  paths: readonly string[],
  regions: readonly string[],
  signal?: AbortSignal,
): Promise<TemplateFinding[][]> {
  const all = REPORTS.parse(await reports(paths, regions, signal));
  return all.map((ofTemplate, index) => findingsOf(paths[index]!, ofTemplate));
}

function findingsOf(path: string, byRegion: z.infer<typeof REPORTS>[number]): TemplateFinding[] {
  const found = new Map<string, { finding: TemplateFinding; in: string[] }>();
  for (const { region, status, diagnostics } of byRegion) {
    if (status !== 'OK') throw new StageError(`${path}: the offline validation ended with ${status}`);
    for (const diagnostic of diagnostics as StandardDiagnostic[]) {
      const line = lineOf(path, diagnostic);
      const severity = diagnostic.severity === 'WARN' ? 'warning' : 'error';
      const known = found.get(line) ?? { finding: { severity, ruleId: diagnostic.ruleId, line }, in: [] };
      known.in.push(region);
      found.set(line, known);
    }
  }
  return [...found.values()].map(({ finding, in: some }) =>
    some.length === byRegion.length
      ? finding
      : { ...finding, line: `${finding.line} (in ${some.join(', ')})` },
  );
}

function lineOf(path: string, diagnostic: StandardDiagnostic): string {
  const { severity, ruleId, startLine, entity, propertyPath, message } = diagnostic;
  const target = [entity?.logicalId, propertyPath].filter((part) => part !== undefined).join('.');
  return `${path}:${startLine ?? '?'}: ${severity} ${ruleId} ${target}: ${message}`;
}

function reports(
  paths: readonly string[],
  regions: readonly string[],
  signal: AbortSignal | undefined,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [VALIDATOR, JSON.stringify({ paths, regions })], {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal === undefined ? {} : { signal }),
    });
    let output = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(output));
      else
        reject(new StageError(`${paths.join(', ')}: the offline validator failed: ${lastLines(complaint)}`));
    });
  });
}

/** The end of what a failed process said: its error, without the frames of its stack. */
function lastLines(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !/^\s+at /.test(line));
  return lines.slice(-4).join(' ').trim() || 'it said nothing';
}
