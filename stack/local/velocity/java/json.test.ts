import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonText, parseJson } from './json.ts';

test('what JSON.parse reads is read alike, and what it refuses is refused', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.deepEqual(JSON.parse(jsonText(parseJson(text))), JSON.parse(text));
    }),
  );
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"',
    '1',
    '-',
    '.5',
    'e3',
    '01',
    'true',
    'nul',
    'null',
    ' ',
    '\n',
    '\\u0041',
    '\u0001',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
      const text = parts.join('');
      assert.equal(accepts(parseJson, text), accepts(JSON.parse, text), JSON.stringify(text));
    }),
    { numRuns: 5_000 },
  );
});

function accepts(parse: (text: string) => unknown, text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

test('digits, order and the last of two members of one name are kept', () => {
  const table = [
    ['{"b":1,"10":2,"9":3}', '{"b":1,"10":2,"9":3}'],
    [
      '[9007199254740993,1.50,1e3,-0,-0.0,123456789012345678901234567890]',
      '[9007199254740993,1.50,1e3,-0,-0.0,123456789012345678901234567890]',
    ],
    [' { "a" : 1 , "b" : [ ] , "a" : { } } ', '{"a":{},"b":[]}'],
    ['"\\u00e9\\/\\ud83d"', '"é/\\ud83d"'],
  ] as const;
  for (const [text, expected] of table) assert.equal(jsonText(parseJson(text)), expected);
});

test('a document nested too deeply is refused, not a stack overflow', () => {
  assert.throws(() => parseJson('['.repeat(100_000)), SyntaxError);
  assert.equal(jsonText(parseJson(`${'['.repeat(1_000)}${']'.repeat(1_000)}`)).length, 2_000);
});
