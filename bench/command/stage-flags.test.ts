import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXISTING_STACK, NEW_STACK } from './stage-flags.ts';
import { asked, type Typed } from './testing/asked.ts';

const problems = (typed: Typed<typeof NEW_STACK>) => asked(NEW_STACK, { name: ['demo'], ...typed }).problems;

test('regions of every partition are taken, and what has not their form is refused', () => {
  const regions = ['us-east-1', 'ap-southeast-7', 'cn-northwest-1', 'us-gov-west-1', 'us-isob-east-1'];
  for (const region of [...regions, 'eusc-de-east-1', 'eu-isoe-west-1', 'us-isof-south-1'])
    assert.deepEqual(problems({ region }), [], region);
  for (const region of ['moon', 'us-east', 'us_east_1', 'US-EAST-1', 'us-east-1a', 'u-east-1'])
    assert.deepEqual(problems({ region }), [`region: '${region}' is not a region such as us-east-1`], region);
});

test('one stack is named at a time, by its name where it is to be, by its ARN too where it is there', () => {
  const arn = 'arn:aws:cloudformation:us-east-1:123456789012:stack/demo/0';
  assert.deepEqual(problems({ name: ['a', 'b'] }), ['name: is given 2 times; name one stack at a time']);
  assert.deepEqual(problems({ name: undefined }), ['name: give the name of the stack with --name STACK']);
  assert.match(problems({ name: ['1x'] }).join(), /^name: '1x' is no name of a stack: up to 128 letters/);
  assert.match(problems({ name: [arn] }).join(), /^name: an ARN is of a stack that exists/);
  assert.deepEqual(asked(EXISTING_STACK, { name: [arn] }).problems, []);
});
