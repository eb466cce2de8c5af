/** The type table is whole: every type has names, every deviation a reason. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../bench/core/random.ts';
import { identify } from './identity.ts';
import { describeTypes, TYPES } from './types.ts';

const ACCOUNT = { stackName: 'demo', region: 'eu-west-1', accountId: '123456789012' };

for (const [type, { attributes, properties }] of Object.entries(TYPES)) {
  test(`${type} gives a physical id and exactly its attributes`, () => {
    const identity = identify(type, {
      ...ACCOUNT,
      random: seededRandom(1),
      logicalId: 'It',
      properties: { StageName: 'v1' },
    });
    assert.notEqual(identity.physicalId, '');
    assert.deepEqual(Object.keys(identity.attributes).sort(), [...attributes].sort());
  });

  test(`${type} says why for every property without effect`, () => {
    for (const [name, { effect, why }] of Object.entries(properties)) {
      assert.equal(why !== '', effect !== 'effective', name);
    }
  });
}

test('generated names fit the limit of the service and stay apart', () => {
  const long = { ...ACCOUNT, stackName: 's'.repeat(128), logicalId: 'L'.repeat(200), properties: {} };
  const first = identify('AWS::Lambda::Function', { ...long, random: seededRandom(1) }).physicalId;
  const second = identify('AWS::Lambda::Function', { ...long, random: seededRandom(2) }).physicalId;
  assert.match(first, /^s{25}-L{25}-[A-Z0-9]{12}$/);
  assert.equal(first.length, 64);
  assert.notEqual(first, second);
});

test('a name given by the template is kept', () => {
  const naming = {
    ...ACCOUNT,
    random: seededRandom(1),
    logicalId: 'Role',
    properties: { RoleName: 'mine', Path: '/a/' },
  };
  const { physicalId, attributes } = identify('AWS::IAM::Role', naming);
  assert.deepEqual([physicalId, attributes.Arn], ['mine', 'arn:aws:iam::123456789012:role/a/mine']);
});

test('the table can be listed, with the properties within properties', () => {
  const rows = describeTypes();
  const row = (property: string) => rows.find((candidate) => candidate.property === property);
  assert.equal(row('DefaultRouteSettings.ThrottlingRateLimit')?.effect, 'effective');
  assert.equal(row('Code.ImageUri')?.effect, 'refused');
  assert.match(row('AuthorizationType')?.why ?? '', /CUSTOM: Lambda authorizers do not run/);
});
