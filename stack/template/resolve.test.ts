/** Templates resolved: intrinsic functions, conditions, order, and everything that is refused and how it says so. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../../bench/measure/random.ts';
import { resolveTemplate, TemplateError } from './resolve.ts';
import type { Json, ResolvedStack } from './value.ts';

function resolve(text: string, parameters: Readonly<Record<string, string>> = {}): ResolvedStack {
  const place = {
    stackName: 'demo',
    region: 'eu-west-1',
    accountId: '123456789012',
    random: seededRandom(3),
  };
  return resolveTemplate({ text, fileName: 'demo.yaml', parameters, ...place });
}

function problemsOf(text: string, parameters: Readonly<Record<string, string>> = {}): readonly string[] {
  try {
    resolve(text, parameters);
  } catch (error) {
    assert.ok(error instanceof TemplateError, String(error));
    return error.problems;
  }
  return [];
}

/** What every template of the tables has: parameters of each kind, a map, conditions, and a queue to refer to. */
const FRAME = `
Parameters:
  Word: {Type: String, Default: hello}
  Count: {Type: Number, Default: 3}
  Items: {Type: CommaDelimitedList, Default: "a, b,c"}
Mappings:
  Sizes: {eu-west-1: {small: 1, list: [x, y]}}
Conditions:
  Polite: !Equals [!Ref Word, hello]
  Rude: !Not [!Condition Polite]
Resources:
  Queue: {Type: 'AWS::SQS::Queue', Properties: {QueueName: q}}
  Absent: {Type: 'AWS::SQS::Queue', Condition: Rude}
`;
const QUEUE_ARN = 'arn:aws:sqs:eu-west-1:123456789012:q';
const QUEUE_URL = 'https://sqs.eu-west-1.amazonaws.com/123456789012/q';

/** The value of an expression, seen through a property that is kept as it is. */
function evaluated(expression: string): Json | undefined {
  const role = `  Role: {Type: 'AWS::IAM::Role', Properties: {AssumeRolePolicyDocument: {}, Policies: ${expression}}}`;
  const { resources } = resolve(`${FRAME}${role}`);
  return resources.find(({ logicalId }) => logicalId === 'Role')?.properties.Policies;
}

describe('an intrinsic function', () => {
  const values: readonly (readonly [expression: string, value: Json | undefined])[] = [
    ['!Ref Word', 'hello'],
    ['{Ref: Count}', '3'],
    ['!Ref Items', ['a', 'b', 'c']],
    ['!Ref Queue', QUEUE_URL],
    ['!Ref AWS::Region', 'eu-west-1'],
    ['!Ref AWS::AccountId', '123456789012'],
    ['!Ref AWS::StackName', 'demo'],
    ['!Ref AWS::Partition', 'aws'],
    ['!Ref AWS::URLSuffix', 'amazonaws.com'],
    ['!Ref AWS::NotificationARNs', []],
    ['!Ref AWS::NoValue', undefined],
    ['[1, !Ref AWS::NoValue, {a: !Ref AWS::NoValue, b: 2}]', [1, { b: 2 }]],
    ['!GetAtt Queue.Arn', QUEUE_ARN],
    ['!GetAtt [Queue, QueueName]', 'q'],
    ["{'Fn::GetAtt': [Queue, Arn]}", QUEUE_ARN],
    ["{'Fn::GetAtt': Queue.Arn}", QUEUE_ARN],
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: the text of Fn::Sub
    ["!Sub '${Word} ${Queue.Arn} ${AWS::Region}'", `hello ${QUEUE_ARN} eu-west-1`],
    ["!Sub '${!Word} $context.x $ {Word}'", '${Word} $context.x $ {Word}'],
    ["!Sub ['${Word} ${mine}', {mine: !Ref Count, Word: other}]", 'other 3'],
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: the text of Fn::Sub
    ["!Join ['-', [a, !Ref Count, true]]", 'a-3-true'],
    ["!Join ['', !Ref Items]", 'abc'],
    ["!Join ['+', !Split [',', 'x,y']]", 'x+y'],
    ['!Select [1, !Ref Items]', 'b'],
    ["!Select ['0', [x, y]]", 'x'],
    ["!Split ['|', 'a||b']", ['a', '', 'b']],
    ['!If [Polite, 1, 2]', 1],
    ['!If [Rude, !Ref Absent, {deep: !If [Polite, x, y]}]', { deep: 'x' }],
    ['!Base64 hello', 'aGVsbG8='],
    ['!FindInMap [Sizes, !Ref AWS::Region, small]', 1],
    ['!FindInMap [Sizes, eu-west-1, list]', ['x', 'y']],
  ];
  for (const [expression, value] of values) {
    test(`${expression} is ${JSON.stringify(value)}`, () => assert.deepEqual(evaluated(expression), value));
  }

  const mistakes: readonly (readonly [expression: string, message: RegExp])[] = [
    ['!Ref Wrod', /Policies\.Ref: no parameter or resource is named Wrod/],
    ['!Ref Absent', /refers to Absent, which is not created because its condition does not hold/],
    ['!If [Polite, 1, !Ref Wrod]', /no parameter or resource is named Wrod/],
    ['!GetAtt Queue.Arm', /AWS::SQS::Queue has no attribute Arm; it has Arn, QueueName, QueueUrl/],
    ['!GetAtt Qeue.Arn', /no parameter or resource is named Qeue/],
    ['!GetAtt Queue', /takes a resource and an attribute/],
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: the text of Fn::Sub
    ["!Sub '${Wrod}'", /no parameter or resource is named Wrod/],
    ["!Sub '${a + b}'", /"\$\{a \+ b\}" is not a name; write "\$\{!a \+ b\}" for the literal text/],
    ["!Sub '${Items}'", /must be a text, but is \["a","b","c"\]/],
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: the text of Fn::Sub
    ['!Join [a]', /takes \[delimiter, list\]/],
    ["!Join ['', hello]", /must be a list, but is "hello"/],
    ['!Select [3, !Ref Items]', /index 3 is not within the list's 0 to 2/],
    ['!If [Maybe, 1, 2]', /no condition Maybe; the template has Polite, Rude/],
    ['!FindInMap [Sizes, us-east-1, small]', /map Sizes has no key us-east-1/],
    ['!FindInMap [Sizes, eu-west-1, big]', /map Sizes has no key big at eu-west-1/],
    ['!FindInMap [Weights, a, b]', /no map Weights/],
    ['!ImportValue x', /Fn::ImportValue: no other stack of this stage exports x/],
    ['!GetAZs ""', /Fn::GetAZs: Availability Zones do not exist locally/],
    ["{'Fn::Cidr': [a, 1, 2]}", /Fn::Cidr: networks/],
    ["{'Fn::ToJsonString': {}}", /needs the transform AWS::LanguageExtensions/],
    ['!Equals [1, 1]', /belongs into the section Conditions/],
    ['!Nonsense 1', /unknown function Fn::Nonsense/],
    ['{Ref: Word, other: 1}', /Ref must be the only key/],
  ];
  for (const [expression, message] of mistakes) {
    test(`${expression} is refused`, () => assert.throws(() => evaluated(expression), message));
  }
});

describe('a condition', () => {
  const conditions: readonly (readonly [definition: string, holds: boolean])[] = [
    ['!Equals [3, !Ref Count]', true],
    ["!Equals [!Ref Word, 'Hello']", false],
    ['!Equals [true, "true"]', true],
    ['!And [!Condition Polite, !Not [!Condition Rude]]', true],
    ['!And [!Condition Polite, !Condition Rude]', false],
    ['!Or [!Condition Rude, !Condition Polite]', true],
    ['!Or [!Condition Rude, !Equals [a, b]]', false],
    ['!Equals [!FindInMap [Sizes, !Ref AWS::Region, small], 1]', true],
  ];
  const withCondition = (definition: string): string =>
    `${FRAME.replace('Resources:', `  Tested: ${definition}\nResources:`)}
Outputs: {Tested: {Condition: Tested, Value: yes it does}}`;
  for (const [definition, holds] of conditions) {
    test(`${definition} ${holds ? 'holds' : 'does not hold'}`, () =>
      assert.deepEqual(resolve(withCondition(definition)).outputs, holds ? { Tested: 'yes it does' } : {}));
  }

  const mistakes: readonly (readonly [definition: string, message: RegExp])[] = [
    ['!Condition Tested', /depends on itself: Tested → Tested/],
    ['!Condition Nope', /no condition Nope; the template has Polite, Rude, Tested/],
    ['!Ref Word', /must be one of Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition/],
    ['!Equals [!Ref Queue, x]', /a condition sees parameters only, and Queue is none/],
    ['!Equals [1]', /takes two values/],
    ['!And [!Condition Polite]', /takes a list of 2 to 10/],
    ['!Not [!Condition Polite, !Condition Rude]', /takes a list of 1/],
  ];
  for (const [definition, message] of mistakes) {
    test(`${definition} is refused`, () => assert.throws(() => resolve(withCondition(definition)), message));
  }
});

describe('resources', () => {
  test('come after everything they refer to or depend on', () => {
    const { resources } = resolve(`
Resources:
  Last: {Type: AWS::Kinesis::StreamConsumer, Properties: {ConsumerName: lambda, StreamARN: !GetAtt Stream.Arn}}
  Route: {Type: AWS::ApiGatewayV2::Route, DependsOn: [Stream], Properties: {ApiId: !Ref Api, RouteKey: $default}}
  Stream: {Type: AWS::Kinesis::Stream, DependsOn: Api, Properties: {ShardCount: 1}}
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties: {Name: x, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action}
`);
    assert.deepEqual(
      resources.map(({ logicalId }) => logicalId),
      ['Api', 'Stream', 'Last', 'Route'],
    );
  });

  test('may depend on one that is not created', () => {
    const role =
      '  Role: {Type: AWS::IAM::Role, DependsOn: Absent, Properties: {AssumeRolePolicyDocument: {}}}';
    assert.deepEqual(
      resolve(`${FRAME}${role}`).resources.map(({ logicalId }) => logicalId),
      ['Queue', 'Role'],
    );
  });

  test('that depend on each other are refused with the whole circle', () => {
    const queue = (name: string, on: string): string =>
      `  ${name}: {Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt ${on}.QueueName}}\n`;
    const problems = problemsOf(`Resources:\n${queue('A', 'B')}${queue('B', 'C')}${queue('C', 'B')}`);
    assert.deepEqual(problems, ['line 3: Resources.B: depends on itself: B → C → B']);
  });

  test('keep their ids whatever else is in the template, and have others with other chance', () => {
    const id = (text: string): string | undefined => resolve(text).resources.at(-1)?.physicalId;
    const stream = '  Stream: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}';
    assert.equal(id(`${FRAME}${stream}`), id(`Resources:\n${stream}`));
    const request = {
      text: `Resources:\n${stream}`,
      fileName: 'x',
      stackName: 'demo',
      parameters: {},
      region: 'eu-west-1',
    };
    const other = resolveTemplate({ ...request, accountId: '123456789012', random: seededRandom(4) });
    assert.notEqual(other.resources[0]?.physicalId, id(`Resources:\n${stream}`));
  });

  test('have properties of the types AWS gives them', () => {
    const { resources } = resolve(`
Resources:
  Stream: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: "2"}}
  Echo:
    Type: AWS::Lambda::Function
    Properties: {FunctionName: f, Role: r, Handler: index.handler, Runtime: nodejs24.x, Code: {ZipFile: x}}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: f
      EventSourceArn: !GetAtt Stream.Arn
      StartingPosition: LATEST
      BatchSize: "16"
      Enabled: "true"
      BisectBatchOnFunctionError: FALSE
      FunctionResponseTypes: [ReportBatchItemFailures]
`);
    const { BatchSize, Enabled, BisectBatchOnFunctionError } =
      resources.find(({ logicalId }) => logicalId === 'Mapping')?.properties ?? {};
    assert.deepEqual([BatchSize, Enabled, BisectBatchOnFunctionError], [16, true, false]);
  });
});

describe('what the local stage cannot do', () => {
  const mapping = (extra: string): string => `
Resources:
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      {FunctionName: f, EventSourceArn: 'arn:aws:kinesis:r:1:stream/s', StartingPosition: LATEST, ${extra}}`;
  const lambda = (code: string, extra: string): string => `
Resources:
  Function:
    Type: AWS::Lambda::Function
    Properties: {Role: r, Handler: index.handler, Code: {${code}}, ${extra}}`;
  const refusals: readonly (readonly [text: string, problem: RegExp])[] = [
    [
      'Resources: {Table: {Type: AWS::DynamoDB::Table}}',
      /^line 1: Resources\.Table: type AWS::DynamoDB::Table is not supported locally; supported: AWS::ApiGatewayV2::Api,/,
    ],
    [
      'Resources: {Q: {Type: AWS::SQS::Queue, Properties: {Colour: red}}}',
      /^line 1: Resources\.Q\.Properties\.Colour: unknown property; known here: QueueName,/,
    ],
    [
      mapping('FilterCriteria: {}'),
      /Mapping\.Properties\.FilterCriteria: not supported locally: events are not filtered/,
    ],
    [
      mapping('TumblingWindowInSeconds: 5'),
      /TumblingWindowInSeconds: not supported locally: windows with state/,
    ],
    [mapping('BatchSize: 10001'), /BatchSize: must be a whole number from 1 to 10000, but is 10001/],
    [mapping('BatchSize: lots'), /BatchSize: must be a whole number from 1 to 10000, but is "lots"/],
    [mapping('MaximumRecordAgeInSeconds: 30'), /MaximumRecordAgeInSeconds must be -1 or from 60 to 604800/],
    [
      mapping('DestinationConfig: {OnSuccess: {}}'),
      /DestinationConfig\.OnSuccess: unknown property; known here: OnFailure/,
    ],
    [mapping('Enabled: maybe'), /Enabled: must be true or false, but is "maybe"/],
    [
      lambda('ZipFile: x', 'Runtime: nodejs24.x, Layers: [a]'),
      /Layers: not supported locally: layers are not downloaded/,
    ],
    [
      lambda('S3Bucket: b', 'Runtime: nodejs24.x'),
      /Code\.S3Bucket: not supported locally: there is no S3; use ZipFile/,
    ],
    [lambda('ImageUri: b', 'Runtime: nodejs24.x'), /Code\.ImageUri: not supported locally: containers/],
    [
      lambda('ZipFile: x', 'Runtime: nodejs8.10'),
      /Runtime: "nodejs8\.10" is not supported locally: Lambda creates no functions/,
    ],
    [
      lambda('ZipFile: x', 'Runtime: python3.13'),
      /Runtime: must be one of nodejs18\.x,.* but is "python3\.13"/,
    ],
    [
      'Resources: {S: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1, StreamModeDetails: {StreamMode: ON_DEMAND}}}}',
      /ShardCount must be left out when StreamMode is ON_DEMAND/,
    ],
    ['Resources: {S: {Type: AWS::Kinesis::Stream}}', /ShardCount is needed unless StreamMode is ON_DEMAND/],
    [
      'Resources: {A: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: a, ProtocolType: HTTP, RouteSelectionExpression: x}}}',
      /ProtocolType: "HTTP" is not supported locally: only WebSocket APIs/,
    ],
    [
      'Resources: {R: {Type: AWS::ApiGatewayV2::Route, Properties: {RouteKey: x, AuthorizationType: CUSTOM}}}',
      /AuthorizationType: "CUSTOM" is not supported locally: Lambda authorizers/,
    ],
    [
      'Resources: {R: {Type: AWS::ApiGatewayV2::Route, Properties: {RouteKey: x}}}',
      /Resources\.R\.Properties: needs the property ApiId/,
    ],
    [
      'Resources: {R: {Type: AWS::ApiGatewayV2::RouteResponse}}',
      /Resources\.R: type AWS::ApiGatewayV2::RouteResponse is not supported locally: routes .* are one-way/,
    ],
    [
      'Resources: {R: {Type: AWS::ApiGatewayV2::IntegrationResponse}}',
      /Resources\.R: type AWS::ApiGatewayV2::IntegrationResponse is not supported locally: routes .* one-way/,
    ],
    [
      'Resources: {R: {Type: AWS::ApiGatewayV2::Route, Properties: {RouteResponseSelectionExpression: $default}}}',
      /RouteResponseSelectionExpression: not supported locally: routes .* are one-way/,
    ],
    [
      'Resources: {L: {Type: AWS::Lambda::LayerVersion, Properties: {Content: {}}}}',
      /Resources\.L: type AWS::Lambda::LayerVersion is not supported locally: layers are not downloaded/,
    ],
    [
      mapping('DestinationConfig: {OnFailure: {Destination: a queue}}'),
      /OnFailure\.Destination: must be the ARN of a queue, topic or bucket/,
    ],
    [
      '{Transform: AWS::Serverless-2016-10-31, Resources: {Q: {Type: AWS::SQS::Queue}}}',
      /Transform: not supported locally: macros/,
    ],
    ['{Rules: {R: {}}, Resources: {Q: {Type: AWS::SQS::Queue}}}', /Rules\.R: not supported locally/],
    ['{Resource: {}, Resources: {Q: {Type: AWS::SQS::Queue}}}', /Resource: unknown section/],
    ['Resources: {}', /Resources: a template needs a resource/],
    ['Resources: {Q: {Type: AWS::SQS::Queue, CreationPolicy: {}}}', /Q\.CreationPolicy: not supported/],
    [
      'Resources: {Q: {Type: AWS::SQS::Queue, DependsOn: [W]}}',
      /Q\.DependsOn: names no resource of the template: "W"/,
    ],
    ['Resources: {Q: {}}', /Resources\.Q: needs a Type/],
    ['Resources: {my-queue: {Type: AWS::SQS::Queue}}', /a logical id has only letters and digits/],
    [
      '{Resources: {Q: {Type: AWS::SQS::Queue}}, Outputs: {O: {}}}',
      /Outputs\.O: must be a mapping with the key Value/,
    ],
    [
      '{Resources: {Q: {Type: AWS::SQS::Queue}}, Outputs: {O: {Value: [1]}}}',
      /Outputs\.O: must be a text, but is \[1\]/,
    ],
  ];
  for (const [text, problem] of refusals) {
    test(`is refused by name: ${problem.source.slice(0, 60)}`, () => {
      const problems = problemsOf(text);
      assert.ok(
        problems.some((found) => problem.test(found)),
        problems.join('\n'),
      );
    });
  }

  test('is reported all at once, each with its line, and nothing twice', () => {
    const problems = problemsOf(
      `Parameters:
  Size: {Type: Number}
Resources:
  Stream:
    Type: AWS::Kinesis::Stream
    Properties:
      ShardCount: !Ref Size
      Colour: red
  Consumer:
    Type: AWS::Kinesis::StreamConsumer
    Properties:
      ConsumerName: lambda
      StreamARN: !GetAtt Stream.Arm
Outputs:
  Name:
    Value: !Ref Steam
`,
      { Size: 'big', Unknown: '1' },
    );
    const places = problems.map((problem) => problem.split(': ').slice(0, 2).join(': ')).sort();
    assert.deepEqual(
      places,
      [
        'line 13: Resources.Consumer.Properties.StreamARN.Fn::GetAtt',
        'line 16: Outputs.Name.Value.Ref',
        'line 1: Parameters.Unknown',
        'line 2: Parameters.Size',
        'line 8: Resources.Stream.Properties.Colour',
      ].sort(),
    );
  });

  test('does not matter in a resource that is not created', () => {
    const table = '  Table: {Type: AWS::DynamoDB::Table, Condition: Rude}';
    assert.deepEqual(
      resolve(`${FRAME}${table}`).resources.map(({ logicalId }) => logicalId),
      ['Queue'],
    );
  });

  test('includes a stack name CloudFormation would refuse', () => {
    const request = {
      text: FRAME,
      fileName: 'demo.yaml',
      parameters: {},
      region: 'eu-west-1',
      accountId: '123456789012',
    };
    assert.throws(
      () => resolveTemplate({ ...request, stackName: '1_2', random: seededRandom(1) }),
      /"1_2" must start with a letter/,
    );
  });
});
