import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FIXTURE_KINDS, fixture } from './fixture.ts';
import { renderJunit } from './junit.ts';

/** The attributes and body of the test case with this name. */
function caseNamed(xml: string, name: string): string {
  const found = xml.match(new RegExp(`<testcase[^>]*name="${name}"[^>]*?(/>|>[\\s\\S]*?</testcase>)`));
  return found?.[0] ?? assert.fail(`no test case "${name}"`);
}

const TAG = /<(?<end>\/?)(?<name>[a-z-]+)(?:\s+[a-z]+="[^"<]*")*(?<empty>\/?)>/g;

/** Elements left open, and whatever looks like a tag but is none. */
function unbalanced(xml: string): string[] {
  const markup = xml.replace(/^<\?xml[^>]*\?>/, '').replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, '');
  const open: string[] = [];
  for (const { groups = {} } of markup.matchAll(TAG)) {
    const { end, name = '', empty } = groups;
    if (end === '' && empty === '') open.push(name);
    if (end === '/' && open.pop() !== name) open.push(`stray ${name}`);
  }
  return [...open, ...(markup.replace(TAG, '').match(/<.*/g) ?? [])];
}

test('a met threshold passes and an unmet one fails with its value', () => {
  const xml = renderJunit(fixture('violations').result);
  assert.doesNotMatch(caseNamed(xml, 'metrics.iteratorAge.max &lt; 1000'), /failure/);
  assert.match(caseNamed(xml, 'messages.lost == 0'), /<failure message="messages.lost == 0: measured 3"/);
});

test('an invalid check fails and an unknown one is skipped, both with their evidence', () => {
  const unknown = caseNamed(renderJunit(fixture('violations').result), 'shared machine');
  assert.match(unknown, /<skipped\/>/);
  assert.match(unknown, /Driver and stage share 2 cores/);
  assert.match(
    caseNamed(renderJunit(fixture('invalid').result), 'send lag'),
    /<failure message="p99 of the send lag/,
  );
});

test('a run that was cut short, or contradicts itself, fails as a run', () => {
  const { result } = fixture('partial');
  assert.match(caseNamed(renderJunit(result), 'the run was carried out in full'), /<failure/);
  const broken = { ...result, messages: { ...result.messages, lost: 1 } };
  assert.match(caseNamed(renderJunit(broken), 'the counts add up'), /<failure/);
});

test('a clean run has no failure, and its time is its duration in seconds', () => {
  const xml = renderJunit(fixture('valid').result);
  assert.match(xml, /<testsuites tests="7" failures="0"/);
  assert.match(xml, /<testsuite name="quick: run"[^>]* time="74"/);
});

for (const kind of FIXTURE_KINDS) {
  test(`the JUnit file of a run "${kind}" has balanced tags and no character that XML forbids`, () => {
    const xml = renderJunit(fixture(kind).result);
    assert.doesNotMatch(xml, /[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
    assert.deepEqual(unbalanced(xml), []);
  });
}
