/** What a template needs is found in it; what is more than usual is the user's to allow. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capabilitiesOf, capabilityProblems } from './capabilities.ts';
import { REFERENCE_TEMPLATE_PATH } from './preflight.ts';
import { parseTemplate, readTemplate } from './template.ts';

const template = (text: string) => parseTemplate(text, 'mine.yaml');
const NAMED = template(
  'Resources: {Role: {Type: AWS::IAM::Role, Properties: {RoleName: x}}, Q: {Type: AWS::SQS::Queue}}',
);
const MACRO = template('{Transform: AWS::Serverless-2016-10-31, Resources: {Q: {Type: AWS::SQS::Queue}}}');
const INNER = template(
  "Resources: {Q: {Type: AWS::SQS::Queue, Properties: {'Fn::Transform': {Name: Mine}}}}",
);

test('the reference stack needs no more than IAM resources, and a queue not even that', () => {
  const reference = readTemplate(REFERENCE_TEMPLATE_PATH);
  assert.deepEqual(capabilitiesOf(reference), ['CAPABILITY_IAM']);
  assert.deepEqual(capabilityProblems(reference, []), []);
  assert.deepEqual(capabilitiesOf(template('Resources: {Q: {Type: AWS::SQS::Queue}}')), []);
});

test('names of IAM resources and macros are refused with the flag that allows them', () => {
  assert.deepEqual(capabilityProblems(NAMED, []), [
    'capability: mine.yaml needs CAPABILITY_NAMED_IAM, for it names IAM resources (Role); where you trust it, give --capability CAPABILITY_NAMED_IAM',
  ]);
  assert.match(
    capabilityProblems(MACRO, [])[0] ?? '',
    /CAPABILITY_AUTO_EXPAND.*\(AWS::Serverless-2016-10-31\)/,
  );
  assert.match(capabilityProblems(INNER, [])[0] ?? '', /CAPABILITY_AUTO_EXPAND.*\(Mine\)/);
});

test('what is allowed is sent, and what is no capability is refused', () => {
  assert.deepEqual(capabilityProblems(NAMED, ['CAPABILITY_NAMED_IAM']), []);
  assert.deepEqual(capabilitiesOf(NAMED), ['CAPABILITY_NAMED_IAM']);
  assert.deepEqual(capabilitiesOf(MACRO), ['CAPABILITY_AUTO_EXPAND']);
  assert.match(
    capabilityProblems(NAMED, ['NAMED_IAM'])[0] ?? '',
    /^capability: 'NAMED_IAM' is not one of CAPABILITY_IAM,/,
  );
});
