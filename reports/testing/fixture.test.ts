import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contradictionsIn } from '../../bench/judge/conservation.ts';
import { parseResult } from '../schema.ts';
import { FIXTURE_KINDS, fixture } from './fixture.ts';

for (const kind of FIXTURE_KINDS) {
  test(`the made-up run "${kind}" keeps the schema and the conservation laws`, () => {
    const { result } = fixture(kind);
    assert.deepEqual(parseResult(JSON.stringify(result)), result);
    assert.deepEqual(contradictionsIn(result), []);
  });
}
