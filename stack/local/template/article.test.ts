/**
 * The architecture as it was first published (cloudonaut.io, 2019) resolves as well, in a template of our own: a constant
 * route selection, doubled quotes in the mapping template, code with substitutions, a consumer named `lambda`, and a
 * stage with logging and without the account's logging role.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../bench/core/random.ts';
import { resolveTemplate } from './resolve.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: the text of Fn::Sub
const CODE = [
  "const endpoint = 'https://${Api}.execute-api.${AWS::Region}.amazonaws.com/${Stage}';",
  'exports.handler = async (event) => `${!event.Records.length} for ${!endpoint}`;',
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: the text of Fn::Sub

const TEMPLATE = `
Resources:
  Api:
    Type: 'AWS::ApiGatewayV2::Api'
    Properties: {Name: !Ref 'AWS::StackName', ProtocolType: WEBSOCKET, RouteSelectionExpression: '\\$default'}
  DefaultRoute:
    Type: 'AWS::ApiGatewayV2::Route'
    Properties: {ApiId: !Ref Api, AuthorizationType: NONE, RouteKey: '$default', Target: !Sub 'integrations/\${Integration}'}
  Integration:
    Type: 'AWS::ApiGatewayV2::Integration'
    Properties:
      ApiId: !Ref Api
      CredentialsArn: !GetAtt 'IntegrationRole.Arn'
      IntegrationMethod: 'POST'
      IntegrationType: 'AWS'
      IntegrationUri: !Sub 'arn:aws:apigateway:\${AWS::Region}:kinesis:action/PutRecord'
      RequestTemplates:
        default: !Sub |
          #set($text = "{""payload"": $input.json('$'), ""connectionId"": ""$context.connectionId""}")
          {"Data": "$util.base64Encode($text)", "PartitionKey": "$context.connectionId", "StreamName": "\${Stream}"}
      TemplateSelectionExpression: default
  IntegrationRole: {Type: 'AWS::IAM::Role', Properties: {AssumeRolePolicyDocument: {Version: 2012-10-17}}}
  Stage:
    Type: 'AWS::ApiGatewayV2::Stage'
    Properties:
      ApiId: !Ref Api
      DeploymentId: !Ref Deployment
      StageName: 'v1'
      DefaultRouteSettings: {LoggingLevel: INFO, DataTraceEnabled: true}
  Deployment: {Type: 'AWS::ApiGatewayV2::Deployment', DependsOn: DefaultRoute, Properties: {ApiId: !Ref Api}}
  Stream: {Type: 'AWS::Kinesis::Stream', Properties: {ShardCount: 1}}
  Consumer:
    Type: 'AWS::Kinesis::StreamConsumer'
    Properties: {ConsumerName: lambda, StreamARN: !GetAtt 'Stream.Arn'}
  Mapping:
    Type: 'AWS::Lambda::EventSourceMapping'
    Properties:
      BatchSize: 16
      Enabled: true
      EventSourceArn: !Ref Consumer
      FunctionName: !GetAtt 'Function.Arn'
      StartingPosition: LATEST
  Function:
    Type: 'AWS::Lambda::Function'
    Properties:
      Handler: 'index.handler'
      Runtime: 'nodejs22.x'
      MemorySize: 128
      Timeout: 30
      Role: !GetAtt 'FunctionRole.Arn'
      Code:
        ZipFile: !Sub |
          ${CODE.join('\n          ')}
  FunctionRole: {Type: 'AWS::IAM::Role', Properties: {AssumeRolePolicyDocument: {Version: 2012-10-17}}}
Outputs:
  WebSocketURI: {Value: !Sub 'wss://\${Api}.execute-api.\${AWS::Region}.amazonaws.com/\${Stage}'}
`;

test('the architecture as first published resolves', () => {
  const place = { stackName: 'apigateway-websocket', region: 'eu-west-1', accountId: '123456789012' };
  const stack = resolveTemplate({
    text: TEMPLATE,
    fileName: 'article.yaml',
    parameters: {},
    ...place,
    random: seededRandom(1),
  });
  const properties = (logicalId: string) =>
    stack.resources.find((resource) => resource.logicalId === logicalId)?.properties;
  assert.equal(stack.resources.length, 11);
  assert.match(
    stack.outputs.WebSocketURI ?? '',
    /^wss:\/\/[a-z0-9]{10}\.execute-api\.eu-west-1\.amazonaws\.com\/v1$/,
  );
  assert.equal(properties('Api')?.RouteSelectionExpression, '\\$default');
  assert.match(
    JSON.stringify(properties('Integration')?.RequestTemplates),
    /\{\\"\\"payload\\"\\": \$input\.json\('\$'\)/,
  );
  assert.match(
    String(properties('Mapping')?.EventSourceArn),
    /^arn:aws:kinesis:.+:stream\/[^/]+\/consumer\/lambda:\d{10}$/,
  );
  assert.equal(properties('Mapping')?.BatchSize, 16);
  const code = properties('Function')?.Code;
  const { ZipFile } = code as { readonly ZipFile: string };
  const apiId = stack.resources.find(({ logicalId }) => logicalId === 'Api')?.physicalId;
  assert.ok(ZipFile.includes(`'https://${apiId}.execute-api.eu-west-1.amazonaws.com/v1'`), ZipFile);
  assert.match(ZipFile, /`\$\{event\.Records\.length\} for \$\{endpoint\}`/);
});
