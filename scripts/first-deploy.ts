/**
 * The checklist of a first deployment to a real account: what to type and what each step costs. Where credentials are found
 * it verifies each step, and says what to type next. It changes nothing; to a stack that stands and is ready it sends a message.
 *
 * Usage: npm run first-deploy -- [--name first] [--region R] [--template FILE]
 * Exit code: 0, also without credentials; 1 where a step failed.
 */
import { STACK_NAME } from '../bench/model/stage-name.ts';
import { warnOfOldNode } from '../bench/node/node-version.ts';
import { guardStandardStreams, print, printStyled } from '../bench/node/terminal.ts';
import { regionOfEnvironment } from '../stack/aws/clients.ts';
import { REFERENCE_TEMPLATE_PATH } from '../stack/aws/preflight.ts';
import { readTemplate, type Template, TemplateProblems } from '../stack/aws/template.ts';
import { checklistOf } from './first-deploy/checklist.ts';
import { pageOf } from './first-deploy/page.ts';
import { verified } from './first-deploy/verification.ts';
import { refuse, scriptArguments } from './script-arguments.ts';

const { values } = scriptArguments({
  name: { type: 'string', default: 'first' },
  region: { type: 'string' },
  template: { type: 'string' },
});

function templateOf(file: string): Template {
  try {
    return readTemplate(file);
  } catch (error) {
    if (!(error instanceof TemplateProblems)) throw error;
    refuse(error.problems);
    throw error;
  }
}

async function main(): Promise<number> {
  const { name, region = null } = values;
  if (!STACK_NAME.test(name)) refuse([`name: '${name}' is no name of a stack, such as first`]);
  const template = templateOf(values.template ?? REFERENCE_TEMPLATE_PATH);
  const pricedIn = region ?? regionOfEnvironment() ?? 'us-east-1';
  const checklist = checklistOf({ name, region, template, pricedIn });
  const { plan } = checklist;
  print(`a first deployment, as ${name} (✓ done, ○ open, ✗ failed, · not verified)`);
  const found = await verified({ name, region, template, plan });
  printStyled(pageOf(checklist, found));
  return Object.values(found.findings).some(({ state }) => state === 'failed') ? 1 : 0;
}

guardStandardStreams();
warnOfOldNode();
process.exitCode = await main();
