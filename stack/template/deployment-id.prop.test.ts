/** The deployment's name changes exactly when what it is a snapshot of changes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { deploymentIdOf } from './testing/deployment-id.ts';
import type { Json } from './value.ts';

const definitions = fc.dictionary(
  fc.stringMatching(/^[A-Za-z]{1,8}$/),
  fc.oneof(fc.string(), fc.integer(), fc.boolean()),
);

function template(
  properties: Json,
  more: { readonly [key: string]: Json } = {},
): { readonly [key: string]: Json } {
  const Route = { Type: 'AWS::ApiGatewayV2::Route', Properties: properties };
  return { Resources: { Route, ...more } };
}

function reversed(value: Json): Json {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value as { readonly [key: string]: Json })
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

const idOf = (value: Json): string => deploymentIdOf(JSON.stringify(value), 'demo.json');

test('formatting, the order of keys and other resources do not change the name', () => {
  fc.assert(
    fc.property(definitions, (properties) => {
      const plain = template(properties);
      const id = idOf(plain);
      assert.match(id, /^Deployment[0-9a-f]{8}$/);
      assert.equal(idOf(reversed(plain)), id);
      assert.equal(deploymentIdOf(stringify(plain, { version: '1.1' }), 'demo.yaml'), id);
      assert.equal(idOf(template(properties, { Stream: { Type: 'AWS::Kinesis::Stream' } })), id);
    }),
  );
});

test('any change of a definition changes the name', () => {
  fc.assert(
    fc.property(definitions, definitions, (one, other) => {
      const same = JSON.stringify(reversed(reversed(one))) === JSON.stringify(other);
      fc.pre(!same && Object.keys(one).sort().join() !== Object.keys(other).sort().join());
      assert.notEqual(idOf(template(one)), idOf(template(other)));
    }),
  );
  assert.notEqual(idOf(template({ RouteKey: 'a' })), idOf(template({ RouteKey: 'b' })));
});
