/** Stacks of the reference template, created and deleted one after the other, and the memory that is left in use. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { seededRandom } from '../../../bench/measure/random.ts';
import { systemClock } from '../../../bench/node/clock.ts';
import { startLocalAws } from '../local-aws.ts';
import { IDEAL_PROFILE } from '../profile.ts';
import { TEMPLATE_PATH, TEMPLATE_TEXT } from './stage-fixture.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const SETTINGS = { tags: [], capabilities: [], disableRollback: false } as const;

/** Bytes in use after as many stacks as are asked for were created, used and deleted; `use` is given each stack's address. */
export async function memoryAfter(
  counts: readonly number[],
  use: (url: string) => Promise<void> = () => Promise.resolve(),
): Promise<number[]> {
  const [profile, random, log] = [IDEAL_PROFILE, seededRandom(1), () => {}];
  const aws = await startLocalAws({ profile, port: 0, clock: systemClock, random, log });
  const { cloudFormation, port } = aws;
  const request = { templateText: TEMPLATE_TEXT, fileName: TEMPLATE_PATH, parameters: {} };
  const bytes: number[] = [];
  for (let made = 0; ; made++) {
    if (counts.includes(made)) bytes.push(bytesInUse());
    if (made >= Math.max(...counts)) break;
    const version = cloudFormation.versionOf(`stack-${made}`, request, null);
    await cloudFormation.create(version, SETTINGS, 'ROLLBACK').ended;
    await use(`ws://127.0.0.1:${port}/v1`);
    await cloudFormation.delete(`stack-${made}`);
  }
  await aws.close();
  return bytes;
}

function bytesInUse(): number {
  for (let round = 0; round < 3; round++) collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
