/** Errors of the SDK, as they are thrown, and what a person is told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explained, StageError, UnknownStackError } from './stage-error.ts';

const PLACE = { action: 'cloudformation:CreateChangeSet', region: 'eu-west-1', endpoint: null };

function failure(name: string, message: string, more: object = {}): Error {
  return Object.assign(new Error(message), { name, ...more });
}

const AWS = { $metadata: { httpStatusCode: 400 } };

const CASES: readonly [string, Error, RegExp][] = [
  ['no region', new Error('Region is missing'), /no AWS region: give --region, or set AWS_REGION/],
  [
    'no credentials',
    failure('CredentialsProviderError', 'Could not load credentials from any providers'),
    /no AWS credentials were found .*aws sso login/,
  ],
  [
    'an expired token',
    failure('ExpiredToken', 'The security token is expired', AWS),
    /have expired .*aws sso login/,
  ],
  [
    'an expired session of single sign-on',
    failure('CredentialsProviderError', 'The SSO session associated with this profile has expired.'),
    /have expired/,
  ],
  [
    'a wrong key',
    failure('InvalidClientTokenId', 'The token is invalid', AWS),
    /does not accept the credentials/,
  ],
  [
    'a missing permission',
    failure('AccessDenied', 'User: arn:x is not authorized', AWS),
    /AWS denies cloudformation:CreateChangeSet in eu-west-1: User: arn:x is not authorized; .*must allow/,
  ],
  ['a region that is not enabled', failure('OptInRequired', 'x', AWS), /region eu-west-1 is not enabled/],
  ['throttling', failure('Throttling', 'Rate exceeded', AWS), /throttled cloudformation:CreateChangeSet/],
  [
    'a region that does not exist',
    failure('Error', 'getaddrinfo', { code: 'ENOTFOUND' }),
    /can't be reached in eu-west-1 \(ENOTFOUND\): is 'eu-west-1' a region/,
  ],
  [
    'a refused connection on all addresses',
    new AggregateError([failure('Error', 'x', { code: 'ECONNREFUSED' })]),
    /can't be reached in eu-west-1 \(ECONNREFUSED\)/,
  ],
  ['a timeout', failure('TimeoutError', 'slow'), /\(timeout\)/],
  [
    'anything else that AWS says',
    failure('ValidationError', 'Template error: no.\nmore', AWS),
    /^cloudformation:CreateChangeSet failed: Template error: no \(ValidationError\)$/,
  ],
];

for (const [what, error, text] of CASES) {
  test(`${what} is one message with what to do`, () => {
    const told = explained(PLACE, error);
    assert.ok(told instanceof StageError, String(told));
    assert.match(told.message, text);
    assert.ok(!told.message.includes('\n'), 'one line');
  });
}

test('with an endpoint in the place of AWS, that is what is out of reach', () => {
  const place = { ...PLACE, endpoint: 'http://127.0.0.1:4566' };
  const told = explained(place, failure('Error', 'x', { code: 'ECONNREFUSED' })) as Error;
  assert.match(
    told.message,
    /nothing answers at AWS_ENDPOINT_URL http:\/\/127\.0\.0\.1:4566 .*npm run stage:local/,
  );
});

test('an unknown stack is told from other mistakes', () => {
  const unknown = failure('ValidationError', 'Stack with id demo does not exist', AWS);
  assert.ok(explained(PLACE, unknown) instanceof UnknownStackError, 'unknown');
});

test('bugs and aborts pass through untouched', () => {
  for (const error of [new TypeError('x is not a function'), failure('AbortError', 'aborted')]) {
    assert.equal(explained(PLACE, error), error);
  }
});

test('a missing region is said with the variable that the SDK reads, and the one that it does not', async (context) => {
  context.after(() => {
    delete process.env.AWS_DEFAULT_REGION;
  });
  const text = () =>
    (explained({ action: 'x', region: null, endpoint: null }, new Error('Region is missing')) as Error)
      .message;
  delete process.env.AWS_DEFAULT_REGION;
  assert.match(text(), /set AWS_REGION \(AWS_DEFAULT_REGION is read by the AWS CLI and not by the SDK\)$/);
  process.env.AWS_DEFAULT_REGION = 'eu-west-1';
  assert.match(text(), /set AWS_REGION, as AWS_REGION=eu-west-1 \(AWS_DEFAULT_REGION/);
});
