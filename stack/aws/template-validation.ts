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

const REPORT = z.object({ status: z.string(), diagnostics: z.array(z.unknown()) });

export interface TemplateFinding {
  readonly severity: 'error' | 'warning';
  readonly ruleId: string;
  /** `file:line: WARN W1234 Resource.Property: message`. */
  readonly line: string;
}

/** Everything that the validator has to say, in the template's order. Throws a StageError where it can't finish. */
export async function validateTemplate(path: string, signal?: AbortSignal): Promise<TemplateFinding[]> {
  const { status, diagnostics } = REPORT.parse(await report(path, signal));
  if (status !== 'OK') throw new StageError(`${path}: the offline validation ended with ${status}`);
  return (diagnostics as StandardDiagnostic[]).map((diagnostic) => ({
    severity: diagnostic.severity === 'WARN' ? 'warning' : 'error',
    ruleId: diagnostic.ruleId,
    line: lineOf(path, diagnostic),
  }));
}

function lineOf(path: string, diagnostic: StandardDiagnostic): string {
  const { severity, ruleId, startLine, entity, propertyPath, message } = diagnostic;
  const place = [entity?.logicalId, propertyPath].filter((part) => part !== undefined).join('.');
  return `${path}:${startLine ?? '?'}: ${severity} ${ruleId} ${place}: ${message}`;
}

function report(path: string, signal: AbortSignal | undefined): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [VALIDATOR, path], {
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
      else reject(new StageError(`${path}: the offline validator failed: ${lastLines(complaint)}`));
    });
  });
}

/** The end of what a failed process said: its error, without the frames of its stack. */
function lastLines(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !/^\s+at /.test(line));
  return lines.slice(-4).join(' ').trim() || 'it said nothing';
}
