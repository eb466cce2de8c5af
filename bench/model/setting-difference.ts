/** A setting in which two runs differ, as comparisons and histories show it. */
import { z } from 'zod';
import { saved, text } from './saved.ts';

export const SETTING_DIFFERENCE = saved({
  /** Path of the setting, such as `stage.parameters.ShardCount`. */
  setting: text,
  base: text,
  candidate: text,
  /** Whether figures can't be compared across it. */
  isIncomparable: z.boolean(),
});
export type SettingDifference = Readonly<z.output<typeof SETTING_DIFFERENCE>>;
