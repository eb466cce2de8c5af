/** How long a stack's name may be is what its template leaves of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REFERENCE_TEMPLATE_PATH } from './preflight.ts';
import { stackNameProblem } from './stack-name.ts';
import { parseTemplate, readTemplate } from './template.ts';

const reference = readTemplate(REFERENCE_TEMPLATE_PATH);
const name = (length: number) => 'n'.repeat(length);

test('the reference stack leaves 123 characters to a name with enhanced fan-out, and all without', () => {
  assert.equal(stackNameProblem(name(123), reference, {}), null);
  assert.match(
    stackNameProblem(name(124), reference, {}) ?? '',
    /^name: 'n+' has 124 characters, and at most 123 leave room: .*template\.yaml makes ConsumerName of EchoConsumer from it, and AWS::Kinesis::StreamConsumer takes 128$/,
  );
  assert.equal(stackNameProblem(name(128), reference, { Consumer: 'POLLING', AuditService: 'OFF' }), null);
});

/** The longest name that a template with such a queue leaves; 80 characters are what SQS takes. */
function most(queueName: string): number {
  const template = parseTemplate(
    `
Parameters: {Suffix: {Type: String, Default: abcde}}
Resources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: ${queueName}}}}
`,
    't',
  );
  const lengths = Array.from({ length: 128 }, (_, index) => index + 1);
  return lengths.findLast((length) => stackNameProblem(name(length), template, {}) === null) ?? 0;
}

test('whatever a name is made with is counted, and what nobody knows is not', () => {
  assert.equal(most('!Ref AWS::StackName'), 80);
  assert.equal(most(`!Sub '\${AWS::StackName}-\${Suffix}'`), 74);
  assert.equal(most(`!Sub '\${AWS::StackName}\${AWS::StackName}'`), 40);
  assert.equal(most(`!Sub ['\${AWS::StackName}-\${X}', {X: y}]`), 79);
  assert.equal(most("!Join ['--', [a, !Ref AWS::StackName, !Ref Suffix]]"), 70);
  assert.equal(most(`!Sub '\${AWS::StackName}-\${AWS::Region}'`), 79);
  assert.equal(most(`!Sub '\${!AWS::StackName}'`), 128);
  assert.equal(most('fixed'), 128);
});
