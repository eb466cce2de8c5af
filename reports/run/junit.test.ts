import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FIXTURE_KINDS, fixture } from '../testing/fixture.ts';
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

test('a run that was cut short, or contradicts itself, fails as a run', () => {
  const { result } = fixture('partial');
  assert.match(caseNamed(renderJunit(result), 'the run was carried out in full'), /<failure/);
  const broken = { ...result, messages: { ...result.messages, lost: 1 } };
  assert.match(caseNamed(renderJunit(broken), 'the counts add up'), /<failure/);
});

test('a clean run has no failure, and its time is its duration in seconds', () => {
  const xml = renderJunit(fixture('valid').result);
  assert.match(xml, /<testsuites tests="7" failures="0" errors="0" time="74">/);
  assert.deepEqual(
    [...xml.matchAll(/<(testsuite|testcase) [^>]*time="(\S+)"/g)].map(([, element, time]) => [element, time]),
    [
      ['testsuite', '74'],
      ['testcase', '74'],
      ['testsuite', '0'],
      ['testsuite', '0'],
    ],
  );
});

interface Allowed {
  readonly has: readonly string[];
  readonly needs: readonly string[];
  readonly within: readonly string[];
}

const NOTHING: Allowed = { has: [], needs: [], within: [] };

/** What both schemas let an element have: attributes, those it must have, and elements within, in their order. */
const SCHEMA: Readonly<Record<string, Allowed>> = {
  testsuites: { has: ['name', 'time', 'tests', 'failures', 'errors'], needs: [], within: ['testsuite'] },
  testsuite: {
    has: [
      ...['name', 'tests', 'failures', 'errors', 'time', 'skipped', 'timestamp', 'hostname', 'id', 'package'],
    ],
    needs: ['name', 'tests', 'failures', 'errors'],
    within: ['properties', 'testcase', 'system-out', 'system-err'],
  },
  testcase: {
    has: ['name', 'time', 'classname'],
    needs: ['name'],
    within: ['skipped', 'error', 'failure', 'system-out', 'system-err'],
  },
  failure: { has: ['type', 'message'], needs: [], within: [] },
  skipped: NOTHING,
  'system-out': NOTHING,
};

/** Seconds with up to three decimals. */
const TIME = /^\d+(\.\d{1,3})?$/;

/** What of the file the schemas do not let through. */
function schemaFaults(xml: string): string[] {
  const faults: string[] = [];
  const open: { name: string; last: number }[] = [{ name: '', last: 0 }];
  const markup = xml.replace(/^<\?xml[^>]*\?>/, '').replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, '');
  for (const { 0: tag, groups = {} } of markup.matchAll(TAG)) {
    const { end, name = '', empty } = groups;
    if (end === '/') {
      open.pop();
      continue;
    }
    const parent = open.at(-1)!;
    const place = parent.name === '' ? 0 : SCHEMA[parent.name]!.within.indexOf(name);
    if (place < parent.last) faults.push(`${name} in ${parent.name}`);
    parent.last = place;
    const given = Object.fromEntries(
      [...tag.matchAll(/([a-z]+)="([^"]*)"/g)].map((match) => [match[1]!, match[2]!]),
    );
    const { has, needs } = SCHEMA[name] ?? NOTHING;
    faults.push(
      ...Object.keys(given)
        .filter((key) => !has.includes(key))
        .map((key) => `${name}.${key}`),
    );
    faults.push(...needs.filter((key) => given[key] === undefined).map((key) => `${name} without ${key}`));
    if (given.time !== undefined && !TIME.test(given.time)) faults.push(`time ${given.time}`);
    if (empty === '') open.push({ name, last: 0 });
  }
  return faults;
}

test('a root that counts what was skipped, and a time that is no number, are faults by the schemas', () => {
  const wrong =
    '<testsuites skipped="1"><testsuite name="x" time="NaN" tests="1" errors="0"></testsuite></testsuites>';
  assert.deepEqual(schemaFaults(wrong), ['testsuites.skipped', 'testsuite without failures', 'time NaN']);
});

for (const kind of FIXTURE_KINDS) {
  test(`the JUnit file of a run "${kind}" keeps to the schemas, with balanced tags and no character that XML forbids`, () => {
    const xml = renderJunit(fixture(kind).result);
    assert.doesNotMatch(xml, /[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
    assert.deepEqual(unbalanced(xml), []);
    assert.deepEqual(schemaFaults(xml), []);
  });
}
