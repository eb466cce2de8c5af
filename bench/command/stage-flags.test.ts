import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '../model/failure.ts';
import { FlagReader } from './stage-flags.ts';

function problems(region: string): readonly string[] {
  const reader = new FlagReader({ name: 'demo', region });
  reader.stage();
  try {
    reader.assertSound();
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

test('regions of every partition are taken, and what has not their form is refused', () => {
  const regions = ['us-east-1', 'ap-southeast-7', 'cn-northwest-1', 'us-gov-west-1', 'us-isob-east-1'];
  for (const region of [...regions, 'eusc-de-east-1', 'eu-isoe-west-1', 'us-isof-south-1'])
    assert.deepEqual(problems(region), [], region);
  for (const region of ['moon', 'us-east', 'us_east_1', 'US-EAST-1', 'us-east-1a', 'u-east-1'])
    assert.deepEqual(problems(region), [`region: '${region}' is not a region such as us-east-1`], region);
});
