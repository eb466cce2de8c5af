/** Flags that `bench stage up|status|down|clean` share. */
import { z } from 'zod';
import { problem } from '../model/setting.ts';
import { STACK_NAME, stackArnOf } from '../model/stage-name.ts';
import { type Flag, flag, REGION, TEXT, toggle } from './flags.ts';

/** The name of a stack. `isArnTaken` where the stack exists, so that its ARN will do. */
function nameFlag(help: string, isArnTaken: boolean): Flag<string> {
  const schema = z.array(z.string()).transform(([name = '', ...others], context) => {
    const isArn = stackArnOf(name) !== null;
    if (others.length > 0) problem(context, `is given ${others.length + 1} times; name one stack at a time`);
    if (isArn && !isArnTaken)
      problem(context, 'an ARN is of a stack that exists; say the name and --region to deploy it');
    if (!isArn && !STACK_NAME.test(name))
      problem(
        context,
        `'${name}' is no name of a stack: up to 128 letters, digits and dashes, beginning with a letter`,
      );
    return name;
  });
  return { shape: 'list', schema, help, needed: 'give the name of the stack with --name STACK' };
}

export const STAGE_REGION = flag(REGION, 'AWS region (default: that of the environment or profile)');

export const TEMPLATE = flag(TEXT, 'CloudFormation template (default: the reference stack)');

export const QUIET = toggle('leave out who acts, the changes and the events');

/** Of a stack that is to be. */
export const NEW_STACK = { name: nameFlag('name of the stack', false), region: STAGE_REGION };

/** Of one that is there. */
export const EXISTING_STACK = { name: nameFlag('name or ARN of the stack', true), region: STAGE_REGION };

/** Where the region contradicts that of the ARN. */
export function regionProblems({ name, region }: { name: string | null; region: string | null }): string[] {
  const home = name === null ? null : stackArnOf(name);
  if (home === null || region === null || region === home.region) return [];
  return [`region: ${region} contradicts the ARN, which is of ${home.region}; leave --region out`];
}
