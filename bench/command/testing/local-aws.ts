/** For tests of commands about stacks: a local AWS that the environment leads to, and who asks it from where. */
import { after, before } from 'node:test';
import { type LocalAws, startLocalAws } from '../../../stack/local/local-aws.ts';
import { IDEAL_PROFILE } from '../../../stack/local/profile.ts';
import { seededRandom } from '../../measure/random.ts';
import { systemClock } from '../../node/clock.ts';

/** Credentials of an account that is not the usual one. */
export const OTHER = '111122223333';

/** A template of one stream. */
export const TEXT = JSON.stringify({
  Resources: { Stream: { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 1 } } },
});

/** Starts it before the tests of the file and closes it after them. Returns what gives it to a test. */
export function useLocalAws(): () => LocalAws {
  let aws: LocalAws;
  before(async () => {
    const random = seededRandom(1);
    const settings = { profile: IDEAL_PROFILE, port: 0, clock: systemClock, random, log: () => {} };
    aws = await startLocalAws(settings);
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${aws.port}`;
    delete process.env.AWS_DEFAULT_REGION;
    as('local', 'us-east-1');
  });
  after(() => aws.close());
  return () => aws;
}

/** Whoever signs in anew, or says another region, in the shell. */
export function as(key: string, region: string): void {
  process.env.AWS_ACCESS_KEY_ID = key;
  process.env.AWS_REGION = region;
}
