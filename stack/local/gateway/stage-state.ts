/** Holds what each deployed stage of an API counts and limits while it is served. */
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../../bench/ports.ts';
import { GATEWAY, type Meters, metersOf } from '../meters.ts';
import type { MetricRegistry } from '../ports.ts';
import type { Profile, RateLimit } from '../profile.ts';
import { TokenBucket } from '../token-bucket.ts';
import type { GatewayConfig, StageConfig } from './gateway-config.ts';

/** The route that connections are counted under. */
export const CONNECT_ROUTE = '$connect';

export interface StageState {
  readonly config: StageConfig;
  readonly throttle: Throttle;
  readonly meters: Meters<typeof GATEWAY>;
  /** By route key; null unless the stage has detailed metrics. */
  readonly routes: ReadonlyMap<string, Meters<typeof GATEWAY>> | null;
}

export type StageStates = ReadonlyMap<string, StageState>;

/** The stages of an API by name. One that was there `before` keeps its throttle unless that was changed. */
export function stageStates(
  config: GatewayConfig,
  before: StageStates,
  { clock, metrics }: { readonly clock: Clock; readonly metrics: MetricRegistry },
): StageStates {
  const states = [...config.stages].map(([name, stage]): [string, StageState] => {
    const known = before.get(name);
    const same = known !== undefined && isDeepStrictEqual(known.config.throttle, stage.throttle);
    const throttle = same ? known.throttle : throttleOf(stage.throttle, clock);
    const meters = metersOf(metrics, 'AWS/ApiGateway', GATEWAY, { ApiId: config.apiId, Stage: name });
    const routes = stage.detailedMetrics ? routeMeters(config, name, metrics) : null;
    return [name, { config: stage, throttle, meters, routes }];
  });
  return new Map(states);
}

function routeMeters(
  { apiId, routes }: GatewayConfig,
  stage: string,
  metrics: MetricRegistry,
): ReadonlyMap<string, Meters<typeof GATEWAY>> {
  const ofRoute = (Route: string) =>
    metersOf(metrics, 'AWS/ApiGateway', GATEWAY, { ApiId: apiId, Stage: stage, Route });
  return new Map([...routes.keys(), CONNECT_ROUTE].map((key) => [key, ofRoute(key)]));
}

interface Throttle {
  /** Takes one token. False when there is none: the request must be refused. */
  tryTake(): boolean;
}

/** Grants everything: the throttle of a quota that a profile leaves out. */
export const UNTHROTTLED: Throttle = { tryTake: () => true };

/** A full bucket for the limit; null means unlimited. */
export function throttleOf(limit: RateLimit | null, clock: Clock): Throttle {
  if (limit === null) return UNTHROTTLED;
  const bucket = new TokenBucket(limit.perSecond, limit.burst);
  return { tryTake: () => bucket.tryTake(clock.now()) };
}

/** What all APIs of an account share: AWS counts connections and requests per account and Region. */
export interface AccountThrottles {
  readonly connect: Throttle;
  readonly requests: Throttle;
}

export function accountThrottles(quotas: Profile['quotas'], clock: Clock): AccountThrottles {
  return { connect: throttleOf(quotas.connect, clock), requests: throttleOf(quotas.account, clock) };
}
