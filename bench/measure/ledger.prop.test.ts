/** The ledger against a twin that computes everything by definition, in quadratic time, on random histories. */
import { test } from 'node:test';
import { StreamLedger } from './ledger.ts';
import { assertAgreesWithTwin } from './testing/ledger-twin.ts';

test('the ledger agrees with a brute-force twin on every history of bursts, losses, swaps, duplicates and full windows', () => {
  assertAgreesWithTwin(StreamLedger, { numRuns: 4000 });
});
