/**
 * Loads the AWS endpoints, and refuses an installed AWS SDK that they don't fit. They use schemas and codecs that the SDK's
 * packages export for their own clients and may change in any release; package.json pins those packages exactly.
 */
import { isDeepStrictEqual } from 'node:util';
import type { WireMessage } from './protocol.ts';

async function installed() {
  const [endpoints, destination, model] = await Promise.all([
    import('./endpoints.ts'),
    import('./destination.ts'),
    import('./service-model.ts'),
  ]);
  return { ...endpoints, ...destination, ...model };
}

type Installed = Awaited<ReturnType<typeof installed>>;

const MESSAGE: WireMessage = {
  method: 'POST',
  path: '/',
  query: new URLSearchParams(),
  headers: {},
  body: Buffer.alloc(0),
  form: new URLSearchParams(),
};

/** A request in each protocol, and what it must be read as. */
const SAMPLES: readonly (readonly [WireMessage, operation: string, input: object])[] = [
  [
    {
      ...MESSAGE,
      headers: { 'x-amz-target': 'Kinesis_20131202.ListStreams' },
      body: Buffer.from('{"Limit":1}'),
    },
    'ListStreams',
    { Limit: 1 },
  ],
  [
    {
      ...MESSAGE,
      form: new URLSearchParams('Action=ListStacks&Version=2010-05-15&StackStatusFilter.member.1=a'),
    },
    'ListStacks',
    { StackStatusFilter: ['a'] },
  ],
  [
    {
      ...MESSAGE,
      path: '/service/GraniteServiceVersion20100801/operation/ListMetrics',
      body: Buffer.from('a1694e616d6573706163656161', 'hex'),
    },
    'ListMetrics',
    { Namespace: 'a' },
  ],
  [{ ...MESSAGE, method: 'GET', path: '/2015-03-31/functions/a' }, 'GetFunction', { FunctionName: 'a' }],
];

async function check({ serviceModels, protocolOf, destinationOf }: Installed): Promise<void> {
  for (const { name, operations, errors } of serviceModels)
    if (operations.size === 0 || errors.length === 0)
      throw new Error(`the client of ${name} exports no schemas`);
  for (const [message, operationName, expected] of SAMPLES) {
    const protocol = protocolOf(message)!;
    const { service } = destinationOf(protocol, message);
    const operation = service?.operations.get(operationName);
    if (!service || !operation) throw new Error(`${operationName} has no schema`);
    const call = { service, operation, requestId: '' };
    const input = await protocol.decode(call, message);
    if (!isDeepStrictEqual(input, expected))
      throw new Error(`${operationName} is read as ${JSON.stringify(input)}`);
    protocol.encode(call, {}, () => {});
  }
}

/** Rejects with one sentence that says what does not fit and what to do. */
export async function loadEndpoints(load = installed): Promise<Installed['awsEndpoints']> {
  try {
    const modules = await load();
    await check(modules);
    return modules.awsEndpoints;
  } catch (error) {
    throw new Error(
      `the AWS endpoints don't fit the installed AWS SDK (${(error as Error).message}); install the versions that package.json names, as \`npm ci\` does`,
      { cause: error },
    );
  }
}
