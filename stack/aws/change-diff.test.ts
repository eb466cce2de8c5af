/** What a person reads before saying yes, from change sets as AWS and a local stage answer them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change, ResourceChange } from '@aws-sdk/client-cloudformation';
import { destructive, diffLines, diffOf, diffSummary, parameterDiff } from './change-diff.ts';

function change(resource: ResourceChange): Change {
  return { Type: 'Resource', ResourceChange: resource };
}

const ADDED = change({ Action: 'Add', LogicalResourceId: 'New', ResourceType: 'AWS::SQS::Queue' });
const REMOVED = change({ Action: 'Remove', LogicalResourceId: 'Old', ResourceType: 'AWS::SQS::Queue' });

/** A modification whose one property has the evaluation and the need for recreation. */
function modified(
  id: string,
  replacement: 'True' | 'False' | 'Conditional',
  evaluation: 'Static' | 'Dynamic',
): Change {
  return change({
    Action: 'Modify',
    LogicalResourceId: id,
    ResourceType: 'AWS::Lambda::EventSourceMapping',
    Replacement: replacement,
    Details: [
      {
        Target: {
          Attribute: 'Properties',
          Name: 'BatchSize',
          RequiresRecreation: replacement === 'False' ? 'Never' : 'Conditionally',
          BeforeValue: '100',
          AfterValue: '16',
        },
        Evaluation: evaluation,
      },
    ],
  });
}

test('every resource is a line with its action, and every changed property one with its values', () => {
  const diff = diffOf([ADDED, modified('Mapping', 'False', 'Static'), REMOVED]);
  assert.deepEqual(diffLines(diff, []), [
    '  + Add    New      AWS::SQS::Queue',
    '  ~ Modify Mapping  AWS::Lambda::EventSourceMapping',
    '        Properties.BatchSize: 100 → 16',
    '  - Remove Old      AWS::SQS::Queue',
  ]);
  assert.equal(diffSummary(diff), '1 to add, 1 to change, 1 to remove');
});

test('a removal and a replacement lose what the resource holds', () => {
  const diff = diffOf([
    ADDED,
    REMOVED,
    modified('Stream', 'True', 'Static'),
    modified('Same', 'False', 'Static'),
  ]);
  assert.deepEqual(
    destructive(diff).map(({ logicalId }) => logicalId),
    ['Old', 'Stream'],
  );
  assert.match(diffLines(diff, []).join('\n'), /Stream {2}AWS::Lambda::EventSourceMapping {2}REPLACED/);
  assert.equal(diffSummary(diff), '1 to add, 2 to change, 1 to remove, 1 of them replaced');
});

test('a conditional replacement counts when a value of its own asks for it, not when it only refers to what changes', () => {
  const own = diffOf([modified('Own', 'Conditional', 'Static')]);
  const following = diffOf([modified('Following', 'Conditional', 'Dynamic')]);
  assert.deepEqual([own[0]?.replacement, destructive(own).length], ['maybe', 1]);
  assert.deepEqual([following[0]?.replacement, destructive(following).length], ['follows', 0]);
});

test('a property with several causes is told once, with whichever values are known', () => {
  const target = { Attribute: 'Properties', Name: 'Timeout' } as const;
  const details = [
    { Target: target, Evaluation: 'Dynamic' },
    { Target: { ...target, BeforeValue: '3', AfterValue: '5' }, Evaluation: 'Static' },
    { Target: target, Evaluation: 'Dynamic' },
    { Target: { Attribute: 'Tags' } },
  ] as const;
  const diff = diffOf([change({ Action: 'Modify', LogicalResourceId: 'F', Details: [...details] })]);
  assert.deepEqual(diff[0]?.properties, [
    { name: 'Properties.Timeout', before: '3', after: '5' },
    { name: 'Tags', before: null, after: null },
  ]);
});

test('a long value is cut and stays on its line', () => {
  const Target = {
    Attribute: 'Properties',
    Name: 'Code',
    BeforeValue: 'a\n  b',
    AfterValue: 'x'.repeat(500),
  } as const;
  const diff = diffOf([change({ Action: 'Modify', LogicalResourceId: 'F', Details: [{ Target }] })]);
  assert.equal(diffLines(diff, []).at(-1), `        Properties.Code: a b → ${'x'.repeat(60)}…`);
});

test('parameters are told when they change, come or go', () => {
  const diff = parameterDiff({ Same: '1', Changed: '1', Gone: 'x' }, { Same: '1', Changed: '2', New: 'y' });
  assert.deepEqual(diff, [
    { name: 'Changed', before: '1', after: '2' },
    { name: 'Gone', before: 'x', after: null },
    { name: 'New', before: null, after: 'y' },
  ]);
  assert.equal(diffLines([], diff)[2], '  parameter New: (none) → y');
});

test('a change of nothing but outputs or tags has a name', () => {
  assert.equal(diffSummary([]), 'outputs or tags only');
});
