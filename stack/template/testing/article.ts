/**
 * The architecture as it was first published (cloudonaut.io, 2019), in a template of our own: a constant route selection,
 * doubled quotes in the mapping template, code with substitutions, a consumer named `lambda`, and a stage with logging
 * and without the account's logging role.
 */

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: the text of Fn::Sub
const CODE = [
  "'use strict';",
  "const { ApiGatewayManagementApi } = require('@aws-sdk/client-apigatewaymanagementapi');",
  'const api = new ApiGatewayManagementApi({',
  "  endpoint: 'https://${Api}.execute-api.${AWS::Region}.amazonaws.com/${Stage}',",
  '});',
  'exports.handler = async (event) => {',
  '  for (const { kinesis } of event.Records) {',
  "    const { connectionId, payload } = JSON.parse(Buffer.from(kinesis.data, 'base64').toString());",
  '    await api.postToConnection({ ConnectionId: connectionId, Data: JSON.stringify(payload) });',
  '  }',
  '  return `${!event.Records.length} posted`;',
  '};',
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: the text of Fn::Sub

/** The template. */
export const ARTICLE_TEMPLATE = `
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
