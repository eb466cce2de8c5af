import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { serveEndpoints, signature } from './testing/endpoints.ts';

const JSON_TYPE = 'application/x-amz-json-1.1';
const FORM_TYPE = 'application/x-www-form-urlencoded';

const echoed: object[] = [];
const echo = (input: object): object => {
  echoed.push(input);
  return {};
};

const SERVICES = {
  kinesis: { PutRecord: echo, ListShards: echo },
  cloudformation: { DescribeStacks: () => ({ Stacks: [] }), CreateStack: echo, DeleteStack: echo },
  cloudwatch: { ListMetrics: () => ({ Metrics: [] }), GetMetricData: echo },
  lambda: { ListFunctions: () => ({ Functions: [] }), CreateEventSourceMapping: echo },
};

interface Raw {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

interface RawAnswer {
  readonly status: number;
  readonly type: string | null;
  readonly error: string | null;
  readonly text: string;
}

async function ask(
  endpoint: string,
  { method = 'POST', path = '/', headers = {}, body }: Raw,
): Promise<RawAnswer> {
  const response = await fetch(endpoint + path, { method, headers, body: body ?? null });
  assert.equal(response.headers.get('x-amzn-requestid'), response.status === 418 ? null : 'request-1');
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    error: response.headers.get('x-amzn-errortype'),
    text: await response.text(),
  };
}

const kinesis = (operation: string, body: string, more: object = {}): Raw => ({
  headers: {
    authorization: signature('kinesis'),
    'content-type': JSON_TYPE,
    'x-amz-target': `Kinesis_20131202.${operation}`,
    ...more,
  },
  body,
});

const form = (body: string, signingName = 'cloudformation'): Raw => ({
  headers: { authorization: signature(signingName), 'content-type': FORM_TYPE },
  body,
});

const jsonError = (status: number, code: string, message: string): RawAnswer => ({
  status,
  type: JSON_TYPE,
  error: code,
  text: JSON.stringify({ __type: code, message }),
});

const CFN_XMLNS = 'xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"';

const xmlError = (status: number, code: string, message: string, xmlns = ` ${CFN_XMLNS}`): RawAnswer => ({
  status,
  type: 'text/xml',
  error: null,
  text:
    `<ErrorResponse${xmlns}><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>` +
    '<RequestId>request-1</RequestId></ErrorResponse>',
});

const missing = (path: string) =>
  `1 validation error detected: Value null at '${path}' failed to satisfy constraint: Member must not be null`;

const CASES: readonly (readonly [title: string, Raw, RawAnswer])[] = [
  [
    'text that is not JSON',
    kinesis('PutRecord', '{'),
    jsonError(400, 'SerializationException', 'The request can not be decoded'),
  ],
  [
    'JSON that is no object',
    kinesis('PutRecord', '[1]'),
    jsonError(400, 'SerializationException', 'The request can not be decoded'),
  ],
  [
    'a member of another type',
    kinesis('ListShards', '{"MaxResults":"9"}'),
    jsonError(400, 'SerializationException', "Value at 'maxResults' is not a number"),
  ],
  [
    'a blob that is not base64',
    kinesis('PutRecord', '{"StreamName":"s","PartitionKey":"k","Data":"?"}'),
    jsonError(400, 'SerializationException', 'The request can not be decoded'),
  ],
  [
    'a required member that is missing',
    kinesis('PutRecord', '{"StreamName":"s","PartitionKey":"k"}'),
    jsonError(400, 'ValidationException', missing('data')),
  ],
  [
    'JSON nested deeper than any stack',
    kinesis('PutRecord', '['.repeat(50_000)),
    jsonError(400, 'SerializationException', 'The request can not be decoded'),
  ],
  [
    'a body that claims to be compressed',
    kinesis('PutRecord', '{}', { 'content-encoding': 'gzip' }),
    jsonError(400, 'SerializationException', 'The body of the request can not be decompressed'),
  ],
  [
    'an operation nobody has',
    kinesis('Teleport', '{}'),
    jsonError(400, 'UnknownOperationException', 'Unknown operation Teleport'),
  ],
  [
    'an operation named like a property of every object',
    kinesis('constructor', '{}'),
    jsonError(400, 'UnknownOperationException', 'Unknown operation constructor'),
  ],
  [
    'an operation that has no action here',
    kinesis('SplitShard', '{}'),
    jsonError(400, 'UnknownOperationException', 'kinesis SplitShard is not supported by the local stage'),
  ],
  [
    'a service nobody has',
    kinesis('PutRecord', '{}', { 'x-amz-target': 'DynamoDB_20120810.PutItem' }),
    jsonError(400, 'UnknownOperationException', 'Unknown operation PutItem'),
  ],
  [
    'JSON without a signature',
    { headers: { 'x-amz-target': 'Kinesis_20131202.PutRecord' }, body: '{}' },
    jsonError(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token'),
  ],
  [
    'a body over the limit',
    kinesis('PutRecord', 'x'.repeat(100_001)),
    jsonError(413, 'RequestEntityTooLargeException', 'The request is larger than 100000 bytes'),
  ],
  [
    'a form with an action nobody has',
    form('Action=Teleport&Version=2010-05-15'),
    xmlError(400, 'InvalidAction', 'Could not find operation Teleport for version 2010-05-15'),
  ],
  [
    'a form of another version',
    form('Action=DescribeStacks&Version=1999-01-01'),
    xmlError(400, 'InvalidAction', 'Could not find operation DescribeStacks for version unknown', ''),
  ],
  [
    'a form without an action',
    form('Version=2010-05-15'),
    xmlError(400, 'MissingAction', 'The request names no action'),
  ],
  [
    'a form with text for a number',
    form('Action=CreateStack&Version=2010-05-15&StackName=s&TimeoutInMinutes=x'),
    xmlError(400, 'ValidationError', "Value at 'timeoutInMinutes' is not a number".replaceAll("'", '&apos;')),
  ],
  [
    'a form without a required member',
    form('Action=DeleteStack&Version=2010-05-15'),
    xmlError(400, 'ValidationError', missing('stackName').replaceAll("'", '&apos;')),
  ],
  [
    'a form without a signature',
    { ...form('Action=DescribeStacks&Version=2010-05-15'), headers: { 'content-type': FORM_TYPE } },
    xmlError(403, 'MissingAuthenticationToken', 'Missing Authentication Token'),
  ],
  [
    'a post of nothing',
    { headers: { authorization: signature('sts') } },
    xmlError(
      400,
      'MissingAction',
      'The request names no action',
      ' xmlns="https://sts.amazonaws.com/doc/2011-06-15/"',
    ),
  ],
  [
    'REST-JSON that is not JSON',
    { path: '/2015-03-31/event-source-mappings', headers: { authorization: 'x' }, body: '[]' },
    {
      status: 400,
      type: 'application/json',
      error: 'SerializationException',
      text: '{"message":"The request can not be decoded"}',
    },
  ],
  [
    'REST without a signature',
    { method: 'GET', path: '/2015-03-31/functions' },
    {
      status: 403,
      type: 'application/json',
      error: 'MissingAuthenticationTokenException',
      text: '{"message":"Missing Authentication Token"}',
    },
  ],
  [
    'what is no AWS request',
    { method: 'GET', path: '/favicon.ico' },
    { status: 418, type: null, error: null, text: '' },
  ],
];

for (const [title, raw, expected] of CASES) {
  test(`${title} is answered in the client’s own protocol`, async (t) => {
    const { endpoint, log } = await serveEndpoints(t, SERVICES);
    assert.deepEqual(await ask(endpoint, raw), expected);
    assert.deepEqual(log, []);
  });
}

test('a form may come in the query, and the signature’s scope stands in for a version', async (t) => {
  const { endpoint } = await serveEndpoints(t, SERVICES);
  const expected =
    `<DescribeStacksResponse ${CFN_XMLNS}><DescribeStacksResult><Stacks/></DescribeStacksResult>` +
    '<ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata></DescribeStacksResponse>';
  const asked = { method: 'GET', path: '/?Action=DescribeStacks&Version=2010-05-15' };
  const signed = { ...asked, headers: { authorization: signature('cloudformation') } };
  assert.equal((await ask(endpoint, signed)).text, expected);
  assert.equal((await ask(endpoint, form('Action=DescribeStacks'))).text, expected);
  const metrics = await ask(endpoint, form('Action=ListMetrics', 'monitoring'));
  assert.match(metrics.text, /^<ListMetricsResponse .*<Metrics\/>/);
});

test('CBOR that breaks off, or is nested deeper than any stack, is refused in CBOR', async (t) => {
  const { endpoint } = await serveEndpoints(t, SERVICES);
  const path = '/service/GraniteServiceVersion20100801/operation/GetMetricData';
  const headers = {
    authorization: signature('monitoring'),
    'smithy-protocol': 'rpc-v2-cbor',
    'x-amzn-query-mode': 'true',
  };
  for (const body of [
    new Uint8Array([0xa1]),
    new Uint8Array(50_000).fill(0x81),
    new Uint8Array([0x9a, 255, 255, 255, 255]),
  ]) {
    const { status, type, text } = await ask(endpoint, { path, headers, body });
    assert.deepEqual([status, type], [400, 'application/cbor']);
    assert.match(text, /com\.amazonaws\.cloudwatch#SerializationException/);
  }
  const unknown = await ask(endpoint, { path: path.replace('GetMetricData', 'X'), headers });
  assert.equal(unknown.status, 404);
});

test('a compressed body is bounded after decompression too', async (t) => {
  const { endpoint } = await serveEndpoints(t, SERVICES);
  const bomb = gzipSync(Buffer.alloc(1_000_000, ' '));
  const headers = kinesis('ListShards', '', { 'content-encoding': 'gzip' }).headers!;
  assert.equal((await ask(endpoint, { headers, body: new Uint8Array(bomb) })).status, 413);
  const small = gzipSync('{"StreamName":"zipped"}');
  assert.equal((await ask(endpoint, { headers, body: new Uint8Array(small) })).status, 200);
  assert.deepEqual(echoed.at(-1), { StreamName: 'zipped' });
});

test('a name that would reach an object’s prototype stays a name', async (t) => {
  const { endpoint } = await serveEndpoints(t, SERVICES);
  await ask(
    endpoint,
    form('Action=CreateStack&Version=2010-05-15&StackName=s&__proto__.x=1&Tags.member.__proto__=1'),
  );
  await ask(endpoint, kinesis('ListShards', '{"__proto__":{"x":1},"StreamName":"s"}'));
  assert.equal(({} as Record<string, unknown>).x, undefined);
});

test('a client that hangs up while sending, or before its answer, leaves the endpoints serving', async (t) => {
  const started: (() => void)[] = [];
  const waiting = new Promise<void>((resolve) => started.push(resolve));
  const aborts: Promise<void>[] = [];
  const { endpoint, log } = await serveEndpoints(t, {
    kinesis: {
      ListShards: (_input, { signal }) => {
        const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        aborts.push(aborted);
        started[0]!();
        return aborted.then(() => ({}));
      },
      PutRecord: echo,
    },
  });
  const { headers } = kinesis('ListShards', '');
  const half = request(endpoint, { method: 'POST', headers: { ...headers, 'content-length': 10 } });
  half.on('error', () => undefined);
  await new Promise((resolve) => half.write('{', resolve));
  half.destroy();
  const whole = request(endpoint, { method: 'POST', headers: { ...headers } });
  whole.on('error', () => undefined);
  whole.end('{}');
  await waiting;
  whole.destroy();
  await Promise.all(aborts);
  assert.equal(
    (await ask(endpoint, kinesis('PutRecord', '{"StreamName":"s","Data":"AA==","PartitionKey":"k"}'))).status,
    200,
  );
  assert.deepEqual(log, []);
});

test('CBOR to Kinesis, as the Java SDKs send it, is refused in CBOR with the setting that ends it', async (t) => {
  const { endpoint } = await serveEndpoints(t, SERVICES);
  const headers = {
    authorization: signature('kinesis'),
    'content-type': 'application/x-amz-cbor-1.1',
    'x-amz-target': 'Kinesis_20131202.PutRecord',
  };
  const { status, type, text } = await ask(endpoint, { headers, body: new Uint8Array([0xa0]) });
  assert.deepEqual([status, type], [400, 'application/x-amz-cbor-1.1']);
  assert.match(text, /__type.*SerializationException.*CBOR_ENABLED=false.*AWS_CBOR_DISABLE=true/s);
});
