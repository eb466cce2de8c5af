import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonText, parseJson } from '../velocity/java/json.ts';
import { parseJsonPath, valueAt } from './json-path.ts';

const STORE = parseJson(
  '{"book":[{"t":"A","p":8.95,"i":{"k":1}},{"t":"B","p":12.99},{"t":"C","p":5,"s":true}],"bike":{"p":20},"a b":1}',
);

function found(path: string): string | undefined {
  const parsed = parseJsonPath(path);
  assert.ok(parsed, path);
  const value = valueAt(STORE, parsed);
  return value === undefined ? undefined : jsonText(value);
}

test('paths lead where Jayway JsonPath leads', () => {
  const table: [string, string | undefined][] = [
    ["$['a b']", '1'],
    ['$.book[0].i', '{"k":1}'],
    ['bike.p', '20'],
    ['$.book[*].t', '["A","B","C"]'],
    ['$..p', '[8.95,12.99,5,20]'],
    ['$.book[-1].t', '"C"'],
    ['$.book[0,2].t', '["A","C"]'],
    ['$.book[1:].t', '["B","C"]'],
    ['$.book[:-1].t', '["A","B"]'],
    ['$.book[?(@.p < 10)].t', '["A","C"]'],
    ['$.book[?(@.s)].t', '["C"]'],
    ["$.book[?(@.t == 'B' || @.p == 5)].p", '[12.99,5]'],
    ['$.book[?(!@.s && @.i.k == 1)].t', '["A"]'],
    ["$.book[?(@.t in ['A','B'])].t", '["A","B"]'],
    ["$.book[0]['t','p']", '[{"t":"A","p":8.95}]'],
    ['$.bike.*', '[20]'],
    ['$.book.length()', '3'],
    ['$.nosuch', undefined],
    ['$.book[7]', undefined],
    ['$.book.t', undefined],
    ['$.toString', undefined],
    ['$.__proto__', undefined],
    ['$.nosuch[*]', '[]'],
  ];
  for (const [path, expected] of table) assert.equal(found(path), expected, path);
});

test('what is not a path, or not supported, is not read', () => {
  for (const path of ['', '$.a[', '$.', '$a', '$.a.sum()', '$[?(@.a =~ /x/)]', '$.a[?]', '$.a b'])
    assert.equal(parseJsonPath(path), null, path);
});
