/** For tests of commands: what the command line makes of flags. */
import { dashed } from '../../model/plan.ts';
import type { PlanInput } from '../../node/plan-file.ts';
import { type FlagTable, type Given, readFlags } from '../flags.ts';

/** Flags as they are typed, by their names in the table. */
export type Typed<Table extends FlagTable> = {
  readonly [Name in keyof Table]?: string | boolean | readonly string[] | undefined;
};

/** What a command is given where the flags are typed. */
export function asked<Table extends FlagTable>(
  table: Table,
  typed: Typed<Table>,
  { words = [], settings = {} }: { readonly words?: readonly string[]; readonly settings?: PlanInput } = {},
): Given<Table> {
  const problems: string[] = [];
  const named = Object.entries(typed).map(([name, value]) => [dashed(name), value]);
  return { words, settings, flags: readFlags(table, Object.fromEntries(named), problems), problems };
}
