/** What is said at the end to whoever wanted quiet: of every kind of result one line, and only where the exit code is not 0. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summaryLines } from '../../reports/run/document.ts';
import { fixture } from '../../reports/testing/fixture.ts';
import { type SummaryOf, sayClosing } from './closing.ts';

const PLACE = { path: '/nowhere/at/all', isNowhere: false, trouble: null };

/** What goes to stderr and stdout. */
function said<Result>(
  result: Result,
  summary: SummaryOf<Result>,
  code: number,
  quiet = true,
): [string, string] {
  const { stdout, stderr } = process;
  const writes = [stderr.write, stdout.write] as const;
  const texts: [string, string] = ['', ''];
  const into = (at: 0 | 1) => (text: string) => {
    texts[at] += text;
    return true;
  };
  stderr.write = into(0) as typeof stderr.write;
  stdout.write = into(1) as typeof stdout.write;
  try {
    sayClosing({ quiet, json: false }, result, PLACE, summary, code);
  } finally {
    [stderr.write, stdout.write] = writes;
  }
  return texts;
}

test('a quiet run that failed a threshold says which in one line, and nothing on stdout', () => {
  const [line, out] = said(fixture('violations').result, summaryLines, 3);
  assert.equal(out, '');
  assert.equal(
    line,
    'THRESHOLD FAILED  one shard, throttled: 2 of 3 thresholds not met. Not met: latency.response.p99 < 250 (measured 1,416).\n',
  );
});

test('a quiet run that is invalid says why', () => {
  const [line] = said(fixture('invalid').result, summaryLines, 4);
  assert.match(line, /^INVALID {2}.*Invalid, send lag: .*\n$/);
  assert.equal(line.split('\n').length, 2);
});

test('quiet is quiet where all is well, and whoever did not ask for it has the summary alone', () => {
  assert.deepEqual(said(fixture('valid').result, summaryLines, 0), ['', '']);
  const [none, summary] = said(fixture('violations').result, summaryLines, 3, false);
  assert.equal(none, '');
  assert.match(summary, /THRESHOLD FAILED/);
});

test('of any other summary the first line that is not empty is the verdict', () => {
  const lines: SummaryOf<string> = (name) => ['', `NOTHING HOLDS  ${name}`, 'because of this'];
  assert.deepEqual(said('search', lines, 3), ['NOTHING HOLDS  search\n', '']);
});
