import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageBody, selectionExpression } from './message-body.ts';

test('expressions select as the API Gateway developer guide says', () => {
  const body = new MessageBody('{"action":"join","room":{"id":7},"tags":["a","b"]}');
  const table = [
    ['\\$default', '$default'],
    ['$default', '$default'],
    ['default', 'default'],
    ['$request.body.action', 'join'],
    [`\${request.body.action}`, 'join'],
    [`\${request.body.action}/\${request.body.room.id}`, 'join/7'],
    ['$request.body.tags', '["a","b"]'],
    ['$request.body.tags[1]', 'b'],
    ['$request.body.missing', ''],
    ['\\$request.body.action', '$request.body.action'],
  ] as const;
  for (const [text, expected] of table) assert.equal(selectionExpression(text).select(body), expected, text);
});

test('a message that is not JSON has no values', () => {
  assert.equal(selectionExpression('$request.body.action').select(new MessageBody('action')), '');
});

test('an expression without variables is static', () => {
  assert.equal(selectionExpression('\\$default').isStatic, true);
  assert.equal(selectionExpression('$request.body.a').isStatic, false);
});

test('an unknown variable is refused by name', () => {
  assert.throws(() => selectionExpression('$request.header.x'), /\$request\.header\.x is not supported/);
  assert.throws(() => selectionExpression(`\${context.stage}`), /\$\{context\.stage\} is not supported/);
});
