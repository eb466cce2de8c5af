/** The mark is added to templates as their authors write them, and changes nothing else of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MARK, markedTemplate, markOf } from './ownership.ts';
import { REFERENCE_TEMPLATE_PATH } from './preflight.ts';
import { parseTemplate, readTemplate } from './template.ts';

const TEMPLATES: Readonly<Record<string, string>> = {
  'YAML with outputs': 'Resources:\n  Q: {Type: AWS::SQS::Queue}\nOutputs:\n    Name: {Value: !Ref Q}\n',
  'YAML without outputs':
    '# a queue\nResources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties: !If [a, b, c]\n',
  'YAML that ends in a text': 'Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Metadata: |+\n      text\n\n',
  'YAML with a head': '%YAML 1.1\n---\nResources: {Q: {Type: AWS::SQS::Queue}}\n...\n',
  'YAML in flow style': 'Resources: {Q: {Type: AWS::SQS::Queue}}\nOutputs: {Name: {Value: !GetAtt Q.Arn}}\n',
  'YAML with empty outputs': 'Resources: {Q: {Type: AWS::SQS::Queue}}\nOutputs: {}\n',
  'YAML with Windows line ends':
    'Resources:\r\n  Q: {Type: AWS::SQS::Queue}\r\nOutputs:\r\n  A: {Value: 1}\r\n',
  JSON: '{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}, "Outputs": {"Name": {"Value": {"Ref": "Q"}}}}',
  'JSON without outputs': '{\n\t"Resources": {\n\t\t"Q": {"Type": "AWS::SQS::Queue"}\n\t}\n}\n',
};

for (const [what, text] of Object.entries(TEMPLATES)) {
  test(`${what} takes the mark and keeps everything else`, () => {
    const template = parseTemplate(text, 't');
    const marked = parseTemplate(markedTemplate(template, '1.2.3'), 't');
    assert.equal(markOf(template), null);
    assert.equal(markOf(marked), '1.2.3');
    const { [MARK]: _, ...outputs } = marked.outputs;
    assert.deepEqual([outputs, marked.resources], [{ ...template.outputs }, template.resources]);
    const mark = JSON.stringify(marked.outputs[MARK]);
    assert.ok(markedTemplate(template, '1.2.3').includes(mark), 'the mark is one line');
    assert.equal(markedTemplate(marked, '9.9.9'), marked.text, 'a marked template is sent as it is');
  });
}

test('the reference template keeps its text, line for line', () => {
  const template = readTemplate(REFERENCE_TEMPLATE_PATH);
  const lines = markedTemplate(template, '1.2.3').split('\n');
  const added = lines.filter((line) => line.includes(MARK));
  assert.equal(added.length, 1);
  assert.equal(lines.filter((line) => !line.includes(MARK)).join('\n'), template.text);
});

test('a template that has no room or no place for the mark is refused with the reason', () => {
  const large = parseTemplate(`Description: ${'x'.repeat(51_150)}\nResources: {}\n`, 'large.yaml');
  assert.throws(
    () => markedTemplate(large, '1.2.3'),
    /large\.yaml has 51\d+ bytes with the output .*smaller/,
  );
  const empty = parseTemplate('Resources: {}\nOutputs:\n', 'empty.yaml');
  assert.throws(
    () => markedTemplate(empty, '1.2.3'),
    /empty\.yaml can't be given the output .*plain mapping/,
  );
});
