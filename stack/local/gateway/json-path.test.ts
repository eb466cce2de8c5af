import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJsonPath, valueAt } from './json-path.ts';

test('members and elements are read in every notation', () => {
  const table = [
    ['$', []],
    ['$.a.b_c', ['a', 'b_c']],
    ['$.a-b', ['a-b']],
    ["$['a b'].c", ['a b', 'c']],
    ['$["x"][10]', ['x', 10]],
  ] as const;
  for (const [text, expected] of table) assert.deepEqual(parseJsonPath(text), expected, text);
});

test('anything beyond them is not a path', () => {
  for (const text of ['', 'a', '$..a', '$.*', '$[*]', '$[?(@.a)]', '$[-1]', '$.a[', '$.', '$a']) {
    assert.equal(parseJsonPath(text), null, text);
  }
});

test('only own members are reached', () => {
  const root = { a: [{ b: null }], text: 'abc' };
  assert.equal(valueAt(root, ['a', 0, 'b']), null);
  for (const path of [['a', 1], ['toString'], ['__proto__'], ['text', 'length'], ['a', 0, 'b', 'c']]) {
    assert.equal(valueAt(root, path), undefined, path.join('.'));
  }
});
