/** Which tags an update can't take, and which it can. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REFERENCE_TEMPLATE_PATH } from './preflight.ts';
import { tagObstacle } from './tag-obstacle.ts';
import { parseTemplate, readTemplate } from './template.ts';

const resource = (logicalId: string, type: string, status = 'CREATE_COMPLETE') => ({
  logicalId,
  physicalId: 'x',
  type,
  status,
  reason: '',
});

const template = readTemplate(REFERENCE_TEMPLATE_PATH);
const FAN_OUT = {
  name: 'demo',
  before: { team: 'a' },
  given: { team: 'b' },
  resources: [
    resource('EventStream', 'AWS::Kinesis::Stream'),
    resource('EchoConsumer', 'AWS::Kinesis::StreamConsumer'),
  ],
  deployed: template,
  template,
  parameters: { Consumer: 'EFO' },
};

test('a named consumer that stays can take no other tags', () => {
  assert.match(
    tagObstacle(FAN_OUT) ?? '',
    /^tag: team can't be put on demo: .*EchoConsumer, AWS::Kinesis::StreamConsumer\); leave --tag out, or/,
  );
  assert.match(tagObstacle({ ...FAN_OUT, given: { more: '1' } }) ?? '', /^tag: more can't/);
  assert.match(tagObstacle({ ...FAN_OUT, deployed: null }) ?? '', /EchoConsumer/);
});

test('tags go through where nothing would be replaced: the same again, no consumer, one that goes or gets a new name', () => {
  assert.equal(tagObstacle({ ...FAN_OUT, given: { team: 'a' } }), null);
  assert.equal(tagObstacle({ ...FAN_OUT, resources: FAN_OUT.resources.slice(0, 1) }), null);
  assert.equal(tagObstacle({ ...FAN_OUT, parameters: { Consumer: 'POLLING' } }), null);
  const gone = [resource('EchoConsumer', 'AWS::Kinesis::StreamConsumer', 'DELETE_COMPLETE')];
  assert.equal(tagObstacle({ ...FAN_OUT, resources: gone }), null);
  const renamed = parseTemplate(template.text.replace('StackName}-echo', 'StackName}-new'), 't');
  assert.equal(tagObstacle({ ...FAN_OUT, template: renamed }), null);
});
