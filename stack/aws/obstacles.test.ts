/** What a deployment would meet half-way is told before: capabilities, the stack's name, its tags. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capabilitiesOf } from '../template/known.ts';
import { capabilityProblems, stackNameProblem, tagObstacle } from './obstacles.ts';
import { REFERENCE_TEMPLATE_PATH } from './preflight.ts';
import { parseTemplate, readTemplate } from './template.ts';

const REFERENCE = readTemplate(REFERENCE_TEMPLATE_PATH);

const template = (text: string) => parseTemplate(text, 'mine.yaml');
const NAMED = template(
  'Resources: {Role: {Type: AWS::IAM::Role, Properties: {RoleName: x}}, Q: {Type: AWS::SQS::Queue}}',
);
const MACRO = template('{Transform: AWS::Serverless-2016-10-31, Resources: {Q: {Type: AWS::SQS::Queue}}}');
const INNER = template(
  "Resources: {Q: {Type: AWS::SQS::Queue, Properties: {'Fn::Transform': {Name: Mine}}}}",
);

test('the reference stack needs no more than IAM resources, and a queue not even that', () => {
  assert.deepEqual(capabilitiesOf(REFERENCE.capabilities), ['CAPABILITY_IAM']);
  assert.deepEqual(capabilityProblems(REFERENCE, []), []);
  assert.deepEqual(capabilitiesOf(template('Resources: {Q: {Type: AWS::SQS::Queue}}').capabilities), []);
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
  assert.deepEqual(capabilitiesOf(NAMED.capabilities), ['CAPABILITY_NAMED_IAM']);
  assert.deepEqual(capabilitiesOf(MACRO.capabilities), ['CAPABILITY_AUTO_EXPAND']);
  assert.match(
    capabilityProblems(NAMED, ['NAMED_IAM'])[0] ?? '',
    /^capability: 'NAMED_IAM' is not one of CAPABILITY_IAM,/,
  );
});

const name = (length: number) => 'n'.repeat(length);

test('the reference stack leaves 123 characters to a name with enhanced fan-out, and all without', () => {
  assert.equal(stackNameProblem(name(123), REFERENCE, {}), null);
  assert.match(
    stackNameProblem(name(124), REFERENCE, {}) ?? '',
    /^name: 'n+' has 124 characters, and at most 123 leave room: .*template\.yaml makes ConsumerName of EchoConsumer from it, and AWS::Kinesis::StreamConsumer takes 128$/,
  );
  assert.equal(stackNameProblem(name(128), REFERENCE, { Consumer: 'POLLING', AuditService: 'OFF' }), null);
});

/** The longest name that a template with such a queue leaves; 80 characters are what SQS takes. */
function most(queueName: string): number {
  const made = parseTemplate(
    `
Parameters: {Suffix: {Type: String, Default: abcde}}
Resources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: ${queueName}}}}
`,
    't',
  );
  const lengths = Array.from({ length: 128 }, (_, index) => index + 1);
  return lengths.findLast((length) => stackNameProblem(name(length), made, {}) === null) ?? 0;
}

test('whatever a name is made with is counted, and what nobody knows is not', () => {
  assert.equal(most('!Ref AWS::StackName'), 80);
  assert.equal(most(`!Sub '\${AWS::StackName}-\${Suffix}'`), 74);
  assert.equal(most(`!Sub '\${AWS::StackName}\${AWS::StackName}'`), 40);
  assert.equal(most(`!Sub ['\${AWS::StackName}-\${X}', {X: y}]`), 78);
  assert.equal(most("!Join ['--', [a, !Ref AWS::StackName, !Ref Suffix]]"), 70);
  assert.equal(most(`!Sub '\${AWS::StackName}-\${AWS::Region}'`), 79);
  assert.equal(most(`!Sub '\${!AWS::StackName}'`), 128);
  assert.equal(
    most(`!Sub ['\${AWS::StackName}-\${Id}', {Id: !Select [2, !Split [/, !Ref AWS::StackId]]}]`),
    43,
  );
  assert.equal(most('!FindInMap [Names, short, name]'), 128);
  assert.equal(most('fixed'), 128);
});

const resource = (logicalId: string, type: string, status = 'CREATE_COMPLETE') => ({
  logicalId,
  physicalId: 'x',
  type,
  status,
  reason: '',
});

const FAN_OUT = {
  name: 'demo',
  before: { team: 'a' },
  given: { team: 'b' },
  resources: [
    resource('EventStream', 'AWS::Kinesis::Stream'),
    resource('EchoConsumer', 'AWS::Kinesis::StreamConsumer'),
  ],
  deployed: REFERENCE,
  template: REFERENCE,
  parameters: { Consumer: 'EFO' },
};

test('a named consumer that stays can take no other tags', () => {
  assert.match(
    tagObstacle(FAN_OUT) ?? '',
    /^tag: team can't be put on demo: .*EchoConsumer, AWS::Kinesis::StreamConsumer\); leave --tag out, or/,
  );
  assert.match(tagObstacle({ ...FAN_OUT, given: { more: '1' } }) ?? '', /^tag: more can't/);
  assert.match(tagObstacle({ ...FAN_OUT, deployed: null }) ?? '', /EchoConsumer/);
});

test('tags go through where nothing would be replaced: the same again, no consumer, one that goes or gets a new name', () => {
  assert.equal(tagObstacle({ ...FAN_OUT, given: { team: 'a' } }), null);
  assert.equal(tagObstacle({ ...FAN_OUT, resources: FAN_OUT.resources.slice(0, 1) }), null);
  assert.equal(tagObstacle({ ...FAN_OUT, parameters: { Consumer: 'POLLING' } }), null);
  const gone = [resource('EchoConsumer', 'AWS::Kinesis::StreamConsumer', 'DELETE_COMPLETE')];
  assert.equal(tagObstacle({ ...FAN_OUT, resources: gone }), null);
  const renamed = parseTemplate(REFERENCE.text.replace('StackName}-echo', 'StackName}-new'), 't');
  assert.equal(tagObstacle({ ...FAN_OUT, template: renamed }), null);
});
