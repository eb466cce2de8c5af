import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeHtml, escapeMarkdown, scriptJson, visible } from './escape.ts';

const anyText = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 1 }),
    fc.constantFrom(...`<>&"'\`|\\*_[]()@!#\n\u2028\u202e\u001b`, '\ud800', '\udc00'),
  ),
});

test('text made visible holds no control, no separator and nothing that reorders it', () => {
  fc.assert(
    fc.property(anyText, (text) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/u.test(visible(text))),
  );
});

test('plain text stays as it is', () => {
  fc.assert(fc.property(fc.stringMatching(/^[\w .:=<>'"äé日本-]*$/), (text) => visible(text) === text));
});

test('escaped HTML holds no character that markup begins or ends with, and says the same', () => {
  const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", '#96': '`', amp: '&' };
  fc.assert(
    fc.property(anyText, (text) => {
      const escaped = escapeHtml(text);
      assert.doesNotMatch(escaped, /[<>"'`]/);
      assert.equal(
        escaped.replace(/&([#\w]+);/g, (_, name: string) => entities[name] ?? '?'),
        visible(text),
      );
    }),
  );
});

test('JSON for a script can neither end it nor break it, and parses to the same value', () => {
  fc.assert(
    fc.property(fc.array(anyText), (texts) => {
      const json = scriptJson(texts);
      assert.doesNotMatch(json, /[<>\u2028\u2029]/);
      assert.deepEqual(JSON.parse(json), texts);
    }),
  );
});

test('escaped Markdown has no unescaped markup, HTML, line break or mention', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const escaped = escapeMarkdown(text).replaceAll('<!-- -->', '');
      assert.doesNotMatch(escaped.replace(/\\./g, ''), /[|`*_[\]<>\n]/);
      assert.doesNotMatch(escapeMarkdown(text), /@\w/);
    }),
  );
});
