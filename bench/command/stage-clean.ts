/**
 * `bench stage clean`: deletes the stacks that jobs left behind which were killed before they could tear down. It touches
 * only stacks of this tool whose names begin as told and that nobody has changed for as long as told.
 */
import { type Account, identityOf, openAccount } from '../../stack/aws/account.ts';
import { isHollow, makerOf, staleAmong } from '../../stack/aws/ownership.ts';
import { allStacks, type StackDescription } from '../../stack/aws/stack-description.ts';
import { parseDuration } from '../model/duration.ts';
import { systemClock } from '../node/clock.ts';
import { note, print } from '../node/terminal.ts';
import { EXIT } from './exit.ts';
import { stageDownCommand } from './stage-down.ts';
import { FlagReader, type GivenFlags } from './stage-flags.ts';
import { identityLine } from './stage-terminal.ts';

/** A shorter prefix is more likely a slip than a choice. */
const LEAST_PREFIX = 3;

interface CleanArguments {
  readonly region: string | null;
  readonly prefix: string;
  readonly olderThanMs: number;
  readonly isDry: boolean;
}

/** Deletes what is stale and answers the exit code: that of the first deletion that failed. */
export async function stageCleanCommand(flags: GivenFlags): Promise<number> {
  const given = cleanArguments(flags);
  const account = await openAccount(given.region);
  print(identityLine(await identityOf(account)));
  const stale = await staleIn(account, given);
  if (stale.length === 0) print(`no stack of this tool named ${given.prefix}… is that old`);
  let code: number = EXIT.ok;
  for (const { id, name, status, updatedAt, createdAt } of stale) {
    print(`${name} (${status}), last changed ${updatedAt ?? createdAt}`);
    if (given.isDry) continue;
    const ended = await removed(name, id);
    if (code === EXIT.ok) code = ended;
  }
  return code;
}

function cleanArguments(flags: GivenFlags): CleanArguments {
  const reader = new FlagReader(flags);
  const prefix = reader.text('prefix') ?? '';
  if (prefix.length < LEAST_PREFIX)
    reader.problem(`prefix: say what the stacks' names begin with, ${LEAST_PREFIX} characters or more`);
  const age = reader.text('older-than') ?? '';
  const olderThanMs = parseDuration(age);
  if (olderThanMs === null) reader.problem(`older-than: '${age}' is not a duration such as 6h or 90m`);
  const region = reader.text('region');
  reader.assertSound();
  return { region, prefix, olderThanMs: olderThanMs ?? 0, isDry: reader.boolean('dry-run') };
}

async function staleIn(account: Account, { prefix, olderThanMs }: CleanArguments) {
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
    return await stageDownCommand({ name: id, yes: true, quiet: true });
  } catch (error) {
    note(`error: ${name}: ${(error as Error).message}`);
    return EXIT.operation;
  }
}
