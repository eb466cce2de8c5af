/** Properties of Kinesis and Lambda that have more than one form, or rules between them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../../../bench/measure/random.ts';
import { resolveTemplate, TemplateError } from '../resolve.ts';

/** The properties of the mapping as resolved, or what is wrong with the template. */
function resolved(mapping: string, stream = ''): Readonly<Record<string, unknown>> | readonly string[] {
  const text = `
Resources:
  Events: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1${stream}}}
  Echo:
    Type: AWS::Lambda::Function
    Properties:
      Code: {ZipFile: exports.handler = async () => 1}
      Handler: index.handler
      Runtime: nodejs24.x
      Role: arn:aws:iam::123456789012:role/r
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {EventSourceArn: !GetAtt Events.Arn, FunctionName: !Ref Echo, ${mapping}}
`;
  const place = { stackName: 'demo', region: 'eu-west-1', accountId: '123456789012' };
  try {
    const { resources } = resolveTemplate({
      text,
      fileName: 'demo.yaml',
      parameters: {},
      ...place,
      random: seededRandom(1),
    });
    return resources.find(({ logicalId }) => logicalId === 'Mapping')?.properties ?? {};
  } catch (error) {
    assert.ok(error instanceof TemplateError, String(error));
    return error.problems;
  }
}

const position = (given: string) => resolved(`StartingPosition: ${given}`);

describe('a mapping', () => {
  test('may start at a time, in seconds or as text', () => {
    for (const time of ['1700000005', '1700000005.25', '"2023-11-14T22:13:15Z"', '2023-11-14'])
      assert.equal(
        (position(`AT_TIMESTAMP, StartingPositionTimestamp: ${time}`) as Record<string, unknown>)
          .StartingPosition,
        'AT_TIMESTAMP',
        time,
      );
  });

  test('has a time exactly when it starts at one', () => {
    for (const given of ['AT_TIMESTAMP', 'LATEST, StartingPositionTimestamp: 1700000005'])
      assert.match(
        String(position(given)),
        /StartingPositionTimestamp goes with StartingPosition AT_TIMESTAMP/,
      );
    const wrong = position('AT_TIMESTAMP, StartingPositionTimestamp: yesterday');
    assert.match(String(wrong), /StartingPositionTimestamp: must be seconds since 1970, or a time like/);
  });
});

test('a stream’s shard-level metrics are those of AWS', () => {
  const withMetrics = (names: string) =>
    String(resolved('StartingPosition: LATEST', `, DesiredShardLevelMetrics: [${names}]`));
  assert.match(withMetrics('Lag'), /DesiredShardLevelMetrics\.0: must be one of ALL, IncomingBytes/);
  assert.equal(withMetrics('ALL, OutgoingBytes'), '[object Object]');
});
