/**
 * Lists what AWS may do beyond the template: slow starts of mappings, counts that leave something out, silence. AWS's pages
 * say only that it may, or users saw it. The local stage does none of it unless it is told to, so that what is driven
 * against it can be shown to step around each.
 */
export interface DeclaredQuirk {
  readonly takes: 'a duration' | 'nothing';
  /** Switches it on, for a time and a shard where it takes them. */
  readonly change: (quirks: Quirks, ms: number, shard: number | null) => Quirks;
}

/** AWS at its best: durations in milliseconds. */
export const NO_QUIRKS = {
  /** How long after its creation a mapping begins to read a shard, by the shard's index; null is every other shard. */
  lateShardsMs: new Map() as ReadonlyMap<number | null, number>,
  /** How long the pollers of before go on, with the old settings, after a mapping was updated. */
  oldPollerMs: 0 as number,
  /** How long nobody reads after that. */
  pollerGapMs: 0 as number,
  /** How long CloudFormation works a change set out. */
  changeSetMs: 0 as number,
  /** How long CloudFormation is at each resource that it makes, changes or removes. */
  resourceMs: 0 as number,
  /** An invocation that threw is not among FailedInvokeEventCount; `Errors` of the function has it. */
  areErrorsUncounted: false as boolean,
  /** A record can't be handed to the on-failure destination: DestinationDeliveryFailures of the function. */
  doDestinationsFail: false as boolean,
  /** A message that the integration did not take is counted, and its client hears nothing. */
  areIntegrationErrorsSilent: false as boolean,
  /** Others of the account open nine tenths of the connections that it may open a second. */
  isAccountBusy: false as boolean,
  /** ConnectCount has no values: `$connect` has no integration here whose messages it could count. */
  areConnectsUncounted: false as boolean,
};

export type Quirks = Readonly<typeof NO_QUIRKS>;

const on = (key: keyof Quirks): DeclaredQuirk => ({
  takes: 'nothing',
  change: (quirks) => ({ ...quirks, [key]: true }),
});

const lasting = (key: keyof Quirks): DeclaredQuirk => ({
  takes: 'a duration',
  change: (quirks, ms) => ({ ...quirks, [key]: ms }),
});

/** By the name that the command line has for it. `late-mapping.3=60s` is of one shard. */
export const QUIRKS: Readonly<Record<string, DeclaredQuirk>> = {
  'late-mapping': {
    takes: 'a duration',
    change: (quirks, ms, shard) => ({
      ...quirks,
      lateShardsMs: new Map([...quirks.lateShardsMs, [shard, ms]]),
    }),
  },
  'old-poller': lasting('oldPollerMs'),
  'poller-gap': lasting('pollerGapMs'),
  'slow-change-set': lasting('changeSetMs'),
  'slow-resources': lasting('resourceMs'),
  'uncounted-errors': on('areErrorsUncounted'),
  'failing-destinations': on('doDestinationsFail'),
  'silent-integration-errors': on('areIntegrationErrorsSilent'),
  'busy-account': on('isAccountBusy'),
  'uncounted-connects': on('areConnectsUncounted'),
};

/** How long after a change of a mapping what it does may still not be what it goes on to do, ms. */
export function settlingMs({ lateShardsMs, oldPollerMs, pollerGapMs }: Quirks): number {
  return Math.max(oldPollerMs + pollerGapMs, ...lateShardsMs.values());
}

/** How late a new mapping is on the shard of an index, ms. */
export function latenessMs({ lateShardsMs }: Quirks, shard: number): number {
  return lateShardsMs.get(shard) ?? lateShardsMs.get(null) ?? 0;
}
