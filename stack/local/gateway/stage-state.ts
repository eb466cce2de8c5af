/** What each deployed stage of an API counts and limits while it is served. */
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../../bench/ports.ts';
import type { MetricRegistry } from '../ports.ts';
import type { GatewayConfig, StageConfig } from './gateway-config.ts';
import { CONNECT_ROUTE, type GatewayMeters, gatewayMeters } from './gateway-meters.ts';
import { type Throttle, throttleOf } from './throttle.ts';

export interface StageState {
  readonly config: StageConfig;
  readonly throttle: Throttle;
  readonly meters: GatewayMeters;
  /** By route key; null unless the stage has detailed metrics. */
  readonly routes: ReadonlyMap<string, GatewayMeters> | null;
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
    const meters = gatewayMeters(metrics, { ApiId: config.apiId, Stage: name });
    const routes = stage.detailedMetrics ? routeMeters(config, name, metrics) : null;
    return [name, { config: stage, throttle, meters, routes }];
  });
  return new Map(states);
}

function routeMeters(
  { apiId, routes }: GatewayConfig,
  stage: string,
  metrics: MetricRegistry,
): ReadonlyMap<string, GatewayMeters> {
  const metersOf = (Route: string) => gatewayMeters(metrics, { ApiId: apiId, Stage: stage, Route });
  return new Map([...routes.keys(), CONNECT_ROUTE].map((key) => [key, metersOf(key)]));
}
