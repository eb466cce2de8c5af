/**
 * Lists what AWS may do beyond the template: slow starts of mappings, counts that leave something out, silence. AWS's
 * pages say only that it may, or users saw it. The local stage does none of it unless it is told to, so that what is
 * driven against it can be shown to step around each.
 */
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
  /** How long CloudFormation works a change set out, ms. */
  readonly changeSetMs: number;
  /** How long CloudFormation is at each resource that it makes, changes or removes, ms. */
  readonly resourceMs: number;
  /** A message that the integration did not take is counted, and its client hears nothing. */
  readonly areIntegrationErrorsSilent: boolean;
  /** Others of the account open nine tenths of the connections that it may open a second. */
  readonly isAccountBusy: boolean;
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
  changeSetMs: 0,
  resourceMs: 0,
  areIntegrationErrorsSilent: false,
  isAccountBusy: false,
  areConnectsUncounted: false,
};

type Change = (quirks: Quirks, ms: number, shard: number | null) => Quirks;

export interface DeclaredQuirk {
  readonly takes: 'a duration' | 'nothing';
  /** Switches it on, for a time and a shard where it takes them. */
  readonly change: Change;
}

const on = (key: keyof Quirks): DeclaredQuirk => ({
  takes: 'nothing',
  change: (quirks) => ({ ...quirks, [key]: true }),
});

const lasting = (key: 'oldPollerMs' | 'pollerGapMs' | 'changeSetMs' | 'resourceMs'): DeclaredQuirk => ({
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
