/** Plans as people write them and back: the settings of a file or of flags, and the plan that they make. All of it follows from the table. */
import { z } from 'zod';
import {
  DEFAULT_RATE_PER_SECOND,
  type Plan,
  SETTING_ROWS,
  type SETTINGS,
  type SettingName,
  type SettingRow,
  type Written,
} from './plan.ts';

type Table = typeof SETTINGS;

/** The settings as they were given, each by itself valid. Those that have no initial value may be missing. */
export type Fields = {
  readonly [Name in SettingName]: z.output<Table[Name]['input']> | Optional<Table[Name]>;
};
type Optional<Row extends { readonly initial: Written | undefined }> = Row['initial'] extends Written
  ? never
  : undefined;

/** The settings of a plan file or of flags. */
export const FIELDS_SCHEMA = z.strictObject(
  Object.fromEntries(
    SETTING_ROWS.map(([name, { input, initial }]) => [
      name,
      initial === undefined ? input.optional() : input,
    ]),
  ),
) as unknown as z.ZodObject<z.ZodRawShape, z.core.$strict> & z.ZodType<Fields>;

/** In force where neither file nor flag says otherwise. */
export const INITIAL: Readonly<Record<string, Written>> = Object.fromEntries(
  SETTING_ROWS.flatMap(([name, { initial }]) => (initial === undefined ? [] : [[name, initial]])),
);

/** Names of the settings of which `is` holds. */
export function settingsThat(is: (row: SettingRow) => boolean | undefined): ReadonlySet<string> {
  return new Set(SETTING_ROWS.filter(([, row]) => is(row)).map(([name]) => name));
}

/** The plan that settings make. What holds secrets comes in without them. */
export function planOf(fields: Fields, { stage, headerNames }: Pick<Plan, 'stage' | 'headerNames'>): Plan {
  const own = Object.fromEntries(SETTING_ROWS.map(([name, { as }]) => [as, fields[name] ?? null]));
  return { ...own, stage, headerNames, load: loadOf(fields) } as Plan;
}

/** The plan where nothing is asked. */
export function initialPlan(): Plan {
  return planOf(FIELDS_SCHEMA.parse(INITIAL), { stage: 'local', headerNames: [] });
}

function loadOf({ rate = DEFAULT_RATE_PER_SECOND, arrival, inFlight }: Fields): Plan['load'] {
  return inFlight === undefined
    ? { kind: 'open', ratePerSecond: rate, arrival }
    : { kind: 'closed', inFlight };
}

/** The settings that make the plan again, of those of which `is` holds. What need not be said is left out. */
export function writtenOf(plan: Plan, is: (row: SettingRow) => boolean): (readonly [SettingName, Written])[] {
  return SETTING_ROWS.flatMap(([name, row]) => {
    const value = is(row) ? row.write(plan[row.as as keyof Plan]) : undefined;
    return value === undefined ? [] : [[name, value]];
  });
}
