/** A gateway with faults: its connections are faulty ones, and posts to them wait at its gate or are answered with an error. */
import type { ConnectionOptions, GatewayConnection } from '../gateway/connection.ts';
import { Gateway, type GatewayOptions } from '../gateway/gateway.ts';
import { FORBIDDEN, GONE, TOO_LARGE, TOO_MANY } from '../gateway/refusal.ts';
import type { ActionResult } from '../ports.ts';
import type { FaultInjector } from './fault-injector.ts';
import { firstThatPicks } from './fault-period.ts';
import { FaultyConnection } from './faulty-connection.ts';

/** Errors that `@connections` has of its own, by status; the SDK takes any other for one of the service as a whole. */
const REFUSALS = new Map([FORBIDDEN, GONE, TOO_LARGE, TOO_MANY].map((refusal) => [refusal.status, refusal]));

export class FaultyGateway extends Gateway {
  readonly #faults: FaultInjector;

  constructor(options: GatewayOptions, faults: FaultInjector) {
    super(options);
    this.#faults = faults;
  }

  override post(stageName: string, connectionId: string, body: Buffer): Promise<ActionResult<null>> {
    return this.#faults.stall.passing(() => this.#post(stageName, connectionId, body));
  }

  protected override newConnection(options: ConnectionOptions): GatewayConnection {
    return new FaultyConnection(options, this.#faults);
  }

  #post(stageName: string, connectionId: string, body: Buffer): Promise<ActionResult<null>> {
    const { period, clock } = this.#faults;
    const armed = period === null ? null : firstThatPicks(period.onCallback, clock.now());
    if (armed === null) return super.post(stageName, connectionId, body);
    armed.count('touched', { connectionId, stream: null });
    return Promise.resolve(failure(armed.fault.status));
  }
}

function failure(status: number): ActionResult<null> {
  const known = REFUSALS.get(status as 403);
  if (known !== undefined) return known;
  return { ok: false, status, code: 'InternalServerErrorException', message: 'Internal server error' };
}
