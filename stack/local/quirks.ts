/**
 * What AWS may do beyond the template, where its pages say only that it may, or where users saw it: slow beginnings of
 * mappings, counts that leave something out, silence. The local stage does none of it unless it is told to, so that what
 * is driven against it can be shown to step around each.
 */
import { parseDuration } from '../../bench/edge/duration.ts';

export interface Quirks {
  /** How long after its creation a mapping begins to read a shard, ms, by the shard's index; null is every other shard. */
  readonly lateShardsMs: ReadonlyMap<number | null, number>;
  /** How long the pollers of before go on, with the old settings, after a mapping was updated, ms. */
  readonly oldPollerMs: number;
  /** How long nobody reads after that, ms. */
  readonly pollerGapMs: number;
  /** An invocation that threw is not among FailedInvokeEventCount; `Errors` of the function has it. */
  readonly areErrorsUncounted: boolean;
  /** A record that can't be handed to the on-failure destination: DestinationDeliveryFailures of the function. */
  readonly doDestinationsFail: boolean;
  /** A message that the integration did not take is counted, and its client hears nothing. */
  readonly areIntegrationErrorsSilent: boolean;
  /** ConnectCount has no values: `$connect` has no integration here whose messages it could count. */
  readonly areConnectsUncounted: boolean;
}

/** AWS at its best. */
export const NO_QUIRKS: Quirks = {
  lateShardsMs: new Map(),
  oldPollerMs: 0,
  pollerGapMs: 0,
  areErrorsUncounted: false,
  doDestinationsFail: false,
  areIntegrationErrorsSilent: false,
  areConnectsUncounted: false,
};

type Change = (quirks: Quirks, ms: number, shard: number | null) => Quirks;

interface Declared {
  readonly takes: 'a duration' | 'nothing';
  readonly change: Change;
}

const on = (key: keyof Quirks): Declared => ({
  takes: 'nothing',
  change: (quirks) => ({ ...quirks, [key]: true }),
});

const lasting = (key: 'oldPollerMs' | 'pollerGapMs'): Declared => ({
  takes: 'a duration',
  change: (quirks, ms) => ({ ...quirks, [key]: ms }),
});

/** By the name that the command line has for it. `late-mapping.3=60s` is of one shard. */
const DECLARED: Readonly<Record<string, Declared>> = {
  'late-mapping': {
    takes: 'a duration',
    change: (quirks, ms, shard) => ({
      ...quirks,
      lateShardsMs: new Map([...quirks.lateShardsMs, [shard, ms]]),
    }),
  },
  'old-poller': lasting('oldPollerMs'),
  'poller-gap': lasting('pollerGapMs'),
  'uncounted-errors': on('areErrorsUncounted'),
  'failing-destinations': on('doDestinationsFail'),
  'silent-integration-errors': on('areIntegrationErrorsSilent'),
  'uncounted-connects': on('areConnectsUncounted'),
};

/** What can be given, for help texts. */
export const QUIRK_NAMES = Object.entries(DECLARED).map(([name, { takes }]) =>
  takes === 'nothing' ? name : `${name}=TIME`,
);

/** Reads `NAME` and `NAME=TIME`; what is wrong is told to `problem`, one sentence each. */
export function parseQuirks(texts: readonly string[], problem: (sentence: string) => void): Quirks {
  let quirks = NO_QUIRKS;
  for (const text of texts) {
    const [, name = '', shard, value] = /^([a-z-]+)(?:\.(\d+))?(?:=(.*))?$/.exec(text) ?? [];
    const declared = Object.hasOwn(DECLARED, name) ? DECLARED[name] : undefined;
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

/** How long after a change of a mapping what it does may still not be what it goes on to do, ms. */
export function settlingMs({ lateShardsMs, oldPollerMs, pollerGapMs }: Quirks): number {
  return Math.max(oldPollerMs + pollerGapMs, ...lateShardsMs.values());
}

/** How late a new mapping is on the shard of an index, ms. */
export function latenessMs({ lateShardsMs }: Quirks, shard: number): number {
  return lateShardsMs.get(shard) ?? lateShardsMs.get(null) ?? 0;
}
