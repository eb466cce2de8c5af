/** `--quirk NAME` and `--quirk NAME=TIME` of `bench stage local`. */
import { z } from 'zod';
import { NO_QUIRKS, QUIRKS, type Quirks } from '../../stack/local/quirks.ts';
import { parseDuration } from '../model/duration.ts';
import { problem } from '../model/setting.ts';
import type { Flag } from './flags.ts';

/** What can be given, for help texts. */
const QUIRK_NAMES = Object.entries(QUIRKS).map(([name, { takes }]) =>
  takes === 'nothing' ? name : `${name}=TIME`,
);

/** Reads `NAME` and `NAME=TIME`. */
const QUIRKS_SCHEMA = z.array(z.string()).transform((texts, context) => {
  let quirks = NO_QUIRKS;
  for (const text of texts) {
    const [, name = '', shard, value] = /^([a-z-]+)(?:\.(\d+))?(?:=(.*))?$/.exec(text) ?? [];
    const declared = Object.hasOwn(QUIRKS, name) ? QUIRKS[name] : undefined;
    if (declared === undefined || (shard !== undefined && name !== 'late-mapping'))
      problem(
        context,
        `'${text}' is not one of ${QUIRK_NAMES.join(', ')}; late-mapping.3=TIME is of shard 3 alone`,
      );
    else if ((declared.takes === 'nothing') !== (value === undefined) || parsedMs(value) === null)
      problem(
        context,
        `'${text}': ${name} takes ${declared.takes}${value === undefined ? ' such as 30s' : ''}`,
      );
    else quirks = declared.change(quirks, parsedMs(value) ?? 0, shard === undefined ? null : Number(shard));
  }
  return quirks;
});

export const QUIRK_FLAG: Flag<Quirks> = {
  shape: 'list',
  schema: QUIRKS_SCHEMA,
  help: `what AWS may do and need not; repeatable: ${QUIRK_NAMES.join(', ')} (see stack/README.md)`,
  initial: [],
};

/** Of a value that is not given 0; null of one that is no duration. */
function parsedMs(value: string | undefined): number | null {
  return value === undefined ? 0 : parseDuration(value);
}
