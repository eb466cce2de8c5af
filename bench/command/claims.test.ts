/** What `bench claims` refuses, and what its result means to a script. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionsToReach } from '../measure/reach.ts';
import type { ClaimResult } from '../model/claim.ts';
import { ConfigurationError } from '../model/failure.ts';
import { exitCodeOf } from './claims.ts';
import { connectionsEndpoint } from './claims-aws.ts';
import { CLAIMS_FLAGS, parseClaims } from './claims-options.ts';
import { integrationOf } from './claims-template.ts';
import { asked, type Typed } from './testing/asked.ts';

type Flags = Typed<typeof CLAIMS_FLAGS>;

function problemsOf(flags: Flags): readonly string[] {
  try {
    parseClaims(asked(CLAIMS_FLAGS, flags));
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

test('every problem is told at once', () => {
  const problems = problemsOf({
    stage: 'ws://127.0.0.1:1',
    only: 'ordered,fast',
    slo: ['messages.lost == 0'],
    maxCost: 'much',
  });
  const about = problems.map((problem) => problem.split(':')[0]);
  assert.deepEqual(about, ['only', 'max-cost', 'stage', 'slo']);
  assert.match(problems[0] ?? '', /'ordered,fast' is not claims with commas between: low-latency, decoupled/);
});

test('what is no plan’s setting is told with the rest', () => {
  const problems = problemsOf({ seed: 'x', slo: ['latency.nonsense < 1'], only: '' });
  assert.deepEqual(problems.map((problem) => problem.split(':')[0]).sort(), ['only', 'seed', 'slo']);
});

test('the claims are made in their own order, each once', () => {
  const { only, ground } = parseClaims(asked(CLAIMS_FLAGS, { only: 'ordered, decoupled,ordered' }));
  assert.deepEqual([only, ground], [['decoupled', 'ordered'], 'own']);
  assert.equal(parseClaims(asked(CLAIMS_FLAGS, { stage: 'demo', maxCost: '1' })).ground, 'stack');
});

test('verdicts do not decide the exit code, what could not be made does', () => {
  const claim = (state: ClaimResult['state'], validity: 'valid' | 'invalid' = 'valid') =>
    ({ state, verdict: 'refuted', runs: [{ validity }] }) as unknown as ClaimResult;
  const code = (...claims: ClaimResult[]) => exitCodeOf({ claims });
  assert.equal(code(claim('done'), claim('not possible')), 0);
  assert.equal(code(claim('done', 'invalid')), 4);
  assert.equal(code(claim('done', 'invalid'), claim('failed')), 1);
  assert.equal(code(claim('failed'), claim('interrupted')), 130);
});

test('so many poisoned connections reach every shard with a million to one', () => {
  assert.equal(connectionsToReach(1), 1);
  for (const shards of [2, 4, 16]) {
    const missed = (connections: number) => shards * (1 - 1 / shards) ** connections;
    const enough = connectionsToReach(shards);
    assert.ok(missed(enough) <= 1e-6 && missed(enough - 1) > 1e-6, `${enough} for ${shards}`);
  }
});

test('the integration is read from a template, a function’s before a stream’s', () => {
  const template = (...uris: string[]) =>
    JSON.stringify({
      Resources: Object.fromEntries(
        uris.map((IntegrationUri, index) => [
          `I${index}`,
          { Type: 'AWS::ApiGatewayV2::Integration', Properties: { IntegrationType: 'AWS', IntegrationUri } },
        ]),
      ),
    });
  const [stream, lambda] = ['arn:x:kinesis:action/PutRecord', 'arn:x:lambda:path/f'];
  assert.equal(integrationOf(template(stream))?.uri, stream);
  assert.equal(integrationOf(template(stream, lambda))?.uri, lambda);
  assert.equal(integrationOf(template()), null);
  assert.equal(integrationOf('\t:'), null);
  assert.equal(integrationOf(null), null);
});

test('connections are posted to at the address of the API', () => {
  const facts = { kind: 'aws', name: '', region: '', parameters: {}, profile: null, notes: [] } as const;
  const url = 'wss://abc.execute-api.eu-west-1.amazonaws.com/v1';
  assert.equal(connectionsEndpoint({ ...facts, url }), 'https://abc.execute-api.eu-west-1.amazonaws.com/v1');
});
