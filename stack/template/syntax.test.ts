/** Template text: CloudFormation's YAML, its short forms, JSON, and line numbers. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { TemplateError } from './problems.ts';
import { parseTemplate } from './syntax.ts';
import type { Json } from './value.ts';

const rootOf = (text: string): Json => parseTemplate(text, 'demo.yaml').root;

describe('template text', () => {
  const readings: readonly (readonly [text: string, root: Json])[] = [
    ['a: !Ref X', { a: { Ref: 'X' } }],
    ['a: !GetAtt X.Y.Z', { a: { 'Fn::GetAtt': ['X', 'Y.Z'] } }],
    ['a: !GetAtt [X, Y]', { a: { 'Fn::GetAtt': ['X', 'Y'] } }],
    ['a: !Join ["", [!Ref X, !Sub y]]', { a: { 'Fn::Join': ['', [{ Ref: 'X' }, { 'Fn::Sub': 'y' }]] } }],
    ['a: !If\n  - C\n  - !Ref X\n  - b', { a: { 'Fn::If': ['C', { Ref: 'X' }, 'b'] } }],
    ['a: !Condition X', { a: { Condition: 'X' } }],
    ['a: !Sub |\n  x\n  y\n', { a: { 'Fn::Sub': 'x\ny\n' } }],
    ["a: !Sub '2'", { a: { 'Fn::Sub': '2' } }],
    ['Version: 2012-10-17', { Version: '2012-10-17' }],
    ['a: OFF\nb: yes\nc: "OFF"\ny: n', { a: false, b: true, c: 'OFF', y: 'n' }],
    ['a: 1\nb: 1.5\nc: 1e3\nd: .inf\ne: ~\nf:', { a: 1, b: 1.5, c: 1000, d: 'Infinity', e: null, f: null }],
    ['1: x', { '1': 'x' }],
    ['"<<": {b: 1}', { '<<': { b: 1 } }],
    ['{"a": {"Fn::Sub": "x"}, "b": [1, true, null]}', { a: { 'Fn::Sub': 'x' }, b: [1, true, null] }],
    ['{\n\t"a": {\n\t\t"b": "\\/\\u00e9"\n\t}\n}', { a: { b: '/é' } }],
  ];
  for (const [text, root] of readings) {
    test(`${JSON.stringify(text)} is read as CloudFormation does`, () =>
      assert.deepEqual(rootOf(text), root));
  }

  const mistakes: readonly (readonly [text: string, message: RegExp])[] = [
    ['a: [', /demo\.yaml cannot be used as a template:\n {2}- .* at line 1/],
    ['a: 1\na: 2', /Map keys must be unique at line 2/],
    ['a: &x 1\nb: *x', /line 2: CloudFormation has no YAML aliases/],
    ['just text', /a template is a mapping/],
    ['', /a template is a mapping/],
  ];
  for (const [text, message] of mistakes) {
    test(`${JSON.stringify(text)} is refused`, () => {
      assert.throws(
        () => rootOf(text),
        (error) => error instanceof TemplateError && message.test(error.message),
      );
    });
  }

  test('knows the line of every value, and of the nearest one above', () => {
    const { lineOf } = parseTemplate('a:\n  b:\n    - x\n    - !Sub [y,\n      {z: 1}]\n', 'demo.yaml');
    const lines = ['a', 'a.b', 'a.b.0', 'a.b.1', 'a.b.1.Fn::Sub.1.z', 'a.b.7', 'c'].map(lineOf);
    assert.deepEqual(lines, [1, 2, 3, 4, 5, 2, null]);
  });

  test('that is JSON is read as JSON.parse reads it', () => {
    const json = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }));
    const own = (key: string): boolean => key !== '__proto__';
    fc.assert(
      fc.property(json, (root) => {
        const text = JSON.stringify(root, (key, value) => (own(key) ? value : undefined), 1);
        assert.deepEqual(rootOf(text), JSON.parse(text));
      }),
      { numRuns: 50 },
    );
  });
});
