import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnreadableResult } from './saved-data.ts';
import { parseResult } from './schema.ts';
import { fixture } from './testing/fixture.ts';

const { result } = fixture('partial');
const json = JSON.stringify(result);

function refusal(text: string): string {
  try {
    parseResult(text);
  } catch (error) {
    assert.ok(error instanceof UnreadableResult);
    return error.message;
  }
  return 'accepted';
}

test('a whole result is read as it was written', () => {
  assert.deepEqual(parseResult(json), result);
});

test('fields this version does not know are kept', () => {
  const newer = { ...result, mood: 'fine', latency: { ...result.latency, first: 3 } };
  assert.deepEqual(parseResult(JSON.stringify(newer)), newer);
});

test('truncated JSON is told apart from text that never was JSON', () => {
  assert.match(refusal(json.slice(0, 500)), /cut short, so what wrote it was probably killed while saving/);
  assert.match(refusal('{"schema": 1,}'), /not JSON/);
  assert.match(refusal(''), /empty/);
});

test('a newer schema is refused by its number', () => {
  assert.match(
    refusal(JSON.stringify({ ...result, schema: 2 })),
    /has schema 2 and this tool reads schema 1/,
  );
});

test('another program’s JSON is refused as not being a result', () => {
  for (const foreign of ['{}', '[]', 'null', '3', '{"schema":"1"}'])
    assert.match(refusal(foreign), /not the result of a run/);
});

test('wrong fields are named with their place, the first eight of them, the rest counted', () => {
  const one = { ...result, connections: { ...result.connections, opened: -1 } };
  assert.match(refusal(JSON.stringify(one)), /connections\.opened/);
  assert.match(refusal('{"schema":1}'), /id: .*; and \d+ more\. Restore it from a copy, or make it again\.$/);
});

test('a metric with more times than values is refused', () => {
  const series = { id: 'a', label: 'A', unit: 'Count', stat: 'Sum', timestamps: [1, 2], values: [1] };
  const metrics = {
    source: 'local',
    periodMs: 1000,
    incomingRecords: null,
    complete: true,
    series: [series],
  };
  assert.match(refusal(JSON.stringify({ ...result, metrics })), /timestamps and values differ/);
});
