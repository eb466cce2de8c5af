/** The type table is whole: every type has names, every deviation a reason. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../bench/measure/random.ts';
import { type Account, Naming, shortId } from './identity.ts';
import { ONLY_EXISTS, type ResourceType } from './resource-type.ts';
import { INERT_TYPES } from './resources/inert.ts';
import { describeTypes } from './testing/describe-types.ts';
import { namedProperty, TYPES, typeNamed } from './types.ts';

const ACCOUNT = { stackName: 'demo', region: 'eu-west-1', accountId: '123456789012' };

/** The identity of a resource with these properties. */
function identified(type: string, naming: Partial<Account> & { logicalId?: string }, properties = {}) {
  const known = typeNamed(type)!;
  const account = { ...ACCOUNT, random: seededRandom(1), ...naming };
  return known.identity(new Naming(account, naming.logicalId ?? 'It', properties, namedProperty(known)));
}

test('every type is listed once', () => {
  const names = [...TYPES, ...INERT_TYPES].map(({ type }) => type);
  assert.deepEqual(names, [...new Set(names)]);
});

for (const { type, properties } of TYPES) {
  test(`${type} gives a physical id and attributes`, () => {
    const { physicalId, attributes } = identified(
      type,
      {},
      { StageName: 'v1', ConsumerName: 'c', StreamARN: 'a' },
    );
    for (const text of [physicalId, ...Object.values(attributes)]) assert.notEqual(text, '');
  });

  test(`${type} says why for every property without effect`, () => {
    for (const [name, { effect, why }] of Object.entries(properties)) {
      assert.equal(why !== '', effect !== 'effective', name);
    }
  });
}

test('generated names fit the limit of the service and stay apart', () => {
  const long = { stackName: 's'.repeat(128), logicalId: 'L'.repeat(200) };
  const first = identified('AWS::Lambda::Function', { ...long, random: seededRandom(1) }).physicalId;
  const second = identified('AWS::Lambda::Function', { ...long, random: seededRandom(2) }).physicalId;
  assert.match(first, /^s{25}-L{25}-[A-Z0-9]{12}$/);
  assert.equal(first.length, 64);
  assert.notEqual(first, second);
});

test('a name given by the template is kept', () => {
  const { physicalId, attributes } = identified('AWS::IAM::Role', {}, { RoleName: 'mine', Path: '/a/' });
  assert.deepEqual([physicalId, attributes.Arn], ['mine', 'arn:aws:iam::123456789012:role/a/mine']);
});

test('the table can be listed, with the properties within properties', () => {
  const rows = describeTypes();
  const row = (property: string) => rows.find((candidate) => candidate.property === property);
  assert.equal(row('DefaultRouteSettings.ThrottlingRateLimit')?.effect, 'effective');
  assert.equal(row('Code.ImageUri')?.effect, 'refused');
  assert.match(row('AuthorizationType')?.why ?? '', /CUSTOM: Lambda authorizers do not run/);
});

test('a type that leaves out how its resources are made, measured or billed does not compile', () => {
  const whole: ResourceType = { type: 'X', properties: {}, identity: shortId('Id', 6), ...ONLY_EXISTS };
  const { making, metrics, shape, ...rest } = whole;
  // @ts-expect-error -- each of the three has to be said, were it null
  const incomplete: ResourceType = rest;
  assert.deepEqual(Object.keys(incomplete), ['type', 'properties', 'identity', 'isFoundByName']);
});
