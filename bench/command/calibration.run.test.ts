/** A driver is calibrated by what its stage will cost it: over TLS where the stage is reached by that. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planWith } from '../sim/testing/plan.ts';
import { calibrationFor, calibrationText, transportOf } from './calibration.ts';

const ARN = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/demo/1';

function transports(endpoint: string | undefined, ...stages: string[]): string[] {
  const before = process.env.AWS_ENDPOINT_URL;
  if (endpoint === undefined) delete process.env.AWS_ENDPOINT_URL;
  else process.env.AWS_ENDPOINT_URL = endpoint;
  const found = stages.map((stage) => transportOf({ stage }));
  if (before === undefined) delete process.env.AWS_ENDPOINT_URL;
  else process.env.AWS_ENDPOINT_URL = before;
  return found;
}

test('a stack on AWS and a wss:// address are reached by TLS; a local stage, a ws:// address and a stack on this machine are not', () => {
  const stages = ['demo', ARN, 'wss://example.com', 'WSS://example.com', 'ws://example.com', 'local'];
  assert.deepEqual(transports(undefined, ...stages), ['tls', 'tls', 'tls', 'tls', 'tcp', 'tcp']);
  assert.deepEqual(transports('http://127.0.0.1:4566', ...stages), [
    'tcp',
    'tcp',
    'tls',
    'tls',
    'tcp',
    'tcp',
  ]);
  assert.deepEqual(transports('https://cloudformation.eu-west-1.amazonaws.com', 'demo'), ['tls']);
});

for (const [stage, transport] of [
  ['wss://example.com', 'tls'],
  ['ws://example.com', 'tcp'],
] as const)
  test(`for ${stage} messages go over ${transport}, and the calibration says so`, async () => {
    const calibration = await calibrationFor(planWith({ stage, pacing: 'timer' }));
    assert.ok(typeof calibration !== 'string', String(calibration));
    assert.deepEqual([calibration.transport, calibration.ceilingPerSecond > 0], [transport, true]);
    assert.equal(/ over TLS$/.test(calibrationText(calibration)), transport === 'tls');
  });
