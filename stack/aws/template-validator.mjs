// AWS's offline validator in a process of its own: it takes seconds and half a gigabyte, which go when the process ends.
// Takes the template's path, prints the report as JSON.
// @ts-check
import { RegoEngine, TemplateFile } from '@aws/cloudformation-validate';

const engine = new RegoEngine();
const template = new TemplateFile(process.argv[2] ?? '');
const { status, diagnostics } = engine.validateStandard(template, { severityLevel: 'WARN' });
process.stdout.write(JSON.stringify({ status, diagnostics }));
engine.free();
