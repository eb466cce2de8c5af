import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awsProblem } from './aws-client.ts';

const ERRAND = { subject: 'store: s3://b', permissions: 's3:GetObject' };

function problemOf(name: string, message: string, more: object = {}): string {
  return awsProblem(Object.assign(new Error(message), { name, ...more }), ERRAND);
}

test('each kind of AWS error is told with what to do about it, and with AWS’s own words', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [problemOf('CredentialsProviderError', 'none'), /no AWS credentials; set AWS_PROFILE/],
    [problemOf('ExpiredToken', 'x'), /have expired; sign in again.* \(ExpiredToken: x\)$/],
    [problemOf('UnrecognizedClientException', 'x'), /does not accept the credentials/],
    [problemOf('RequestTimeTooSkewed', 'x'), /clock is wrong/],
    [problemOf('AccessDenied', 'x'), /^store: s3:\/\/b: AWS does not allow it; .* needs s3:GetObject \(/],
    [problemOf('NoSuchBucket', 'x'), /no such bucket/],
    [problemOf('PermanentRedirect', 'x'), /in another region; set AWS_REGION/],
    [problemOf('SlowDown', 'x'), /fewer requests/],
    [problemOf('TimeoutError', 'x'), /could not be reached/],
    [problemOf('Error', 'Region is missing'), /there is no AWS region/],
  ];
  for (const [problem, expected] of cases) assert.match(problem, expected);
});

test('an answer without words is known by its status, and a network’s error by its code', () => {
  const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });
  assert.match(problemOf('UnknownError', '', status(403)), /does not allow it; [^(]*$/);
  assert.match(problemOf('Error', 'connect', { code: 'ECONNREFUSED' }), /could not be reached.*\(connect\)$/);
  assert.equal(problemOf('InternalError', 'We failed'), 'store: s3://b: InternalError: We failed');
  assert.match(problemOf('UnknownError', ''), /an error without words$/);
});
