import assert from 'node:assert/strict';
import { test } from 'node:test';
import { driverFindings } from './doctor.ts';

test('the ceiling of a driver is told with TLS and without', async () => {
  const findings = await driverFindings(new AbortController().signal);
  const ceilings = findings.map(({ name, text }) => [
    name,
    /up to \d+ messages\/s( over TLS)?/.exec(text)?.[1],
  ]);
  assert.deepEqual(ceilings, [
    ['driver', undefined],
    ['driver, TLS', ' over TLS'],
  ]);
});
