import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResolvedResource } from '../template/value.ts';
import { stageNotes } from './deployment.ts';
import { apiStack } from './gateway/testing/gateway.ts';
import { AWS_PROFILE, IDEAL_PROFILE } from './profile.ts';

function functionWith(Runtime: string): ResolvedResource {
  return {
    logicalId: 'F',
    type: 'AWS::Lambda::Function',
    physicalId: 'f',
    attributes: {},
    properties: { Runtime },
  };
}

const NODE = 'v20.20.2';

test('the notes say what is modelled and what AWS leaves open', () => {
  const [latency, order, ...more] = stageNotes(AWS_PROFILE, apiStack(), NODE);
  assert.match(latency ?? '', /calibrated to published figures.*none was measured on AWS/);
  assert.match(order ?? '', /one after the other \(dispatch serial, the default\).*AWS documents neither/);
  assert.deepEqual(more, []);
  assert.match(stageNotes(IDEAL_PROFILE, apiStack(), NODE)[0] ?? '', /No latency of AWS is modelled/);
  const concurrent = { ...AWS_PROFILE, dispatch: 'concurrent' } as const;
  assert.match(
    stageNotes(concurrent, apiStack(), NODE)[1] ?? '',
    /side by side \(dispatch concurrent\).*AWS documents neither/,
  );
});

test('another version of Node than the template asks for is named, once per runtime', () => {
  const resources = ['nodejs24.x', 'nodejs20.x', 'nodejs24.x'].map(functionWith);
  const notes = stageNotes(AWS_PROFILE, apiStack({}, resources), NODE).slice(2);
  assert.deepEqual(notes, ["Functions run on this machine's Node v20.20.2 rather than nodejs24.x."]);
});

test('what is accepted and not made is named in one sentence, with its reason', () => {
  const inert = ['AWS::CDK::Metadata', 'AWS::SNS::Topic'].map((type) => ({ ...functionWith(''), type }));
  const notes = stageNotes(AWS_PROFILE, apiStack({}, inert), NODE).slice(2);
  assert.equal(notes.length, 1);
  assert.match(notes[0] ?? '', /can't change the path: F \(AWS::CDK::Metadata: .*\), F \(AWS::SNS::Topic: /);
});
