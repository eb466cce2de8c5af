/**
 * A function with real processes on the real clock, and what its tests ask of it. Functions are closed after the last
 * test of a file.
 */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { seededRandom } from '../../../bench/measure/random.ts';
import { systemClock } from '../../../bench/node/clock.ts';
import type { Json, ResolvedResource } from '../../template/value.ts';
import { MetricStore } from '../cloudwatch/metrics.ts';
import { startFunction } from '../function/environment.ts';
import type { ApiAddress } from '../function/function.ts';
import type { FunctionHost, InvocationResult } from '../ports.ts';
import { IDEAL_PROFILE, type Profile } from '../profile.ts';

export interface Bed {
  readonly host: FunctionHost;
  readonly lines: string[];
  readonly metric: (name: string) => { sum: number; max: number };
}

export interface BedOptions {
  readonly properties?: Readonly<Record<string, Json>>;
  readonly apiAddresses?: readonly ApiAddress[];
  readonly profile?: Profile;
}

const open: FunctionHost[] = [];
after(() => Promise.all(open.map((host) => host.close())));

export function resourceOf(source: string, properties: Readonly<Record<string, Json>>): ResolvedResource {
  return {
    logicalId: 'EchoFunction',
    type: 'AWS::Lambda::Function',
    physicalId: 'bench-EchoFunction',
    attributes: { Arn: 'arn:aws:lambda:us-east-1:123456789012:function:bench-EchoFunction' },
    properties: {
      Handler: 'index.handler',
      Role: 'arn:aws:iam::123456789012:role/r',
      Runtime: 'nodejs22.x',
      Timeout: 20,
      Code: { ZipFile: source },
      ...properties,
    },
  };
}

export function bed(
  source: string,
  { properties = {}, apiAddresses = [], profile = IDEAL_PROFILE }: BedOptions = {},
): Bed {
  const metrics = new MetricStore({ clock: systemClock, periodMs: 1_000 });
  const lines: string[] = [];
  const startedMs = systemClock.epochAt(systemClock.now());
  const host = startFunction({
    resource: resourceOf(source, properties),
    clock: systemClock,
    random: seededRandom(1),
    profile,
    metrics,
    region: 'us-east-1',
    accountId: '123456789012',
    apiAddresses,
    log: (line) => lines.push(line),
  });
  open.push(host);
  const metric = (name: string) => {
    const dimensions = { FunctionName: host.functionName };
    const identity = { namespace: 'AWS/Lambda', name, dimensions, unit: 'Count' } as const;
    const endMs = systemClock.epochAt(systemClock.now()) + 1;
    const { values } = metrics.series(identity, 'Maximum', startedMs, endMs);
    return { sum: metrics.sum(identity, startedMs, endMs), max: Math.max(0, ...values) };
  };
  return { host, lines, metric };
}

export function errorOf(result: InvocationResult) {
  assert.equal(result.kind, 'error');
  return result.kind === 'error' ? result : assert.fail();
}

export function payloadOf(result: InvocationResult): unknown {
  return result.kind === 'ok' ? result.payload : assert.fail(JSON.stringify(result));
}
