/** `--quirk NAME` and `--quirk NAME=TIME` of `bench stage local`. */
import { NO_QUIRKS, QUIRKS, type Quirks } from '../../stack/local/quirks.ts';
import { parseDuration } from '../model/duration.ts';

/** What can be given, for help texts. */
export const QUIRK_NAMES = Object.entries(QUIRKS).map(([name, { takes }]) =>
  takes === 'nothing' ? name : `${name}=TIME`,
);

/** Reads `NAME` and `NAME=TIME`; what is wrong is told to `problem`, one sentence each. */
export function parseQuirks(texts: readonly string[], problem: (sentence: string) => void): Quirks {
  let quirks = NO_QUIRKS;
  for (const text of texts) {
    const [, name = '', shard, value] = /^([a-z-]+)(?:\.(\d+))?(?:=(.*))?$/.exec(text) ?? [];
    const declared = Object.hasOwn(QUIRKS, name) ? QUIRKS[name] : undefined;
    if (declared === undefined || (shard !== undefined && name !== 'late-mapping'))
      problem(
        `quirk: '${text}' is not one of ${QUIRK_NAMES.join(', ')}; late-mapping.3=TIME is of shard 3 alone`,
      );
    else if ((declared.takes === 'nothing') !== (value === undefined) || parsedMs(value) === null)
      problem(
        `quirk: '${text}': ${name} takes ${declared.takes}${value === undefined ? ' such as 30s' : ''}`,
      );
    else quirks = declared.change(quirks, parsedMs(value) ?? 0, shard === undefined ? null : Number(shard));
  }
  return quirks;
}

/** Of a value that is not given 0; null of one that is no duration. */
function parsedMs(value: string | undefined): number | null {
  return value === undefined ? 0 : parseDuration(value);
}
