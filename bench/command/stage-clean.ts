/**
 * `bench stage clean`: deletes the stacks that jobs left behind which were killed before they could tear down. It touches
 * only stacks of this tool whose names begin as told and that nobody has changed for as long as told.
 */
import { type Account, identityOf, openAccount } from '../../stack/aws/account.ts';
import { isHollow, makerOf, staleAmong } from '../../stack/aws/ownership.ts';
import { allStacks, type StackDescription } from '../../stack/aws/stack-description.ts';
import { assertNone } from '../model/failure.ts';
import { systemClock } from '../node/clock.ts';
import { note, print } from '../node/terminal.ts';
import { EXIT } from './exit.ts';
import { DURATION, type Given, neededFlag, toggle, typed, type Values } from './flags.ts';
import { stageDownCommand } from './stage-down.ts';
import { STAGE_REGION } from './stage-flags.ts';
import { identityLine } from './stage-terminal.ts';

/** A shorter prefix is more likely a slip than a choice. */
const LEAST_PREFIX = 3;

export const STAGE_CLEAN_FLAGS = {
  prefix: neededFlag(
    `say what the stacks' names begin with, ${LEAST_PREFIX} characters or more`,
    typed('text', `${LEAST_PREFIX} characters or more`, (text) => (text.length < LEAST_PREFIX ? null : text)),
    `what the names of the stacks begin with; at least ${LEAST_PREFIX} characters`,
  ),
  olderThan: neededFlag(
    'say how long nobody has changed them, such as 6h',
    DURATION,
    'how long nobody has changed them, such as 6h',
  ),
  region: STAGE_REGION,
  dryRun: toggle('name them and delete nothing'),
};

/** Deletes what is stale and answers the exit code: that of the first deletion that failed. */
export async function stageCleanCommand({
  flags: given,
  problems,
}: Given<typeof STAGE_CLEAN_FLAGS>): Promise<number> {
  assertNone(problems);
  const account = await openAccount(given.region);
  print(identityLine(await identityOf(account)));
  const stale = await staleIn(account, given);
  if (stale.length === 0) print(`no stack of this tool named ${given.prefix}… is that old`);
  let code: number = EXIT.ok;
  for (const { id, name, status, updatedAt, createdAt } of stale) {
    print(`${name} (${status}), last changed ${updatedAt ?? createdAt}`);
    if (given.dryRun) continue;
    const ended = await removed(name, id);
    if (code === EXIT.ok) code = ended;
  }
  return code;
}

async function staleIn(
  account: Account,
  { prefix, olderThan: olderThanMs }: Values<typeof STAGE_CLEAN_FLAGS>,
) {
  const nowMs = systemClock.epochAt(systemClock.now());
  const stale = staleAmong(await allStacks(account), { prefix, olderThanMs, nowMs });
  const isOurs = async (stack: StackDescription) =>
    (await makerOf(account, stack)) !== null || (await isHollow(account, stack));
  const ours = await Promise.all(stale.map(isOurs));
  return stale.filter((_, index) => ours[index]);
}

/** By its ARN, which no later stack of the name has. One that can't be deleted does not keep the others. */
async function removed(name: string, id: string): Promise<number> {
  try {
    return await stageDownCommand({
      flags: { name: id, region: null, yes: true, wait: 0, quiet: true },
      problems: [],
    });
  } catch (error) {
    note(`error: ${name}: ${(error as Error).message}`);
    return EXIT.operation;
  }
}
