import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../../bench/measure/random.ts';
import { AWS_PROFILE, IDEAL_PROFILE, type Latency, profileWith, sampler } from './profile.ts';

const DRAWS = 50_000;

function drawn(latency: Latency): { quantile: (share: number) => number; min: number; max: number } {
  const draw = sampler(latency, seededRandom(1));
  const sorted = Float64Array.from({ length: DRAWS }, draw).sort();
  return { quantile: (share) => sorted[Math.floor(share * DRAWS)]!, min: sorted[0]!, max: sorted.at(-1)! };
}

function assertNear(actual: number, expected: number, share = 0.03): void {
  assert.ok(Math.abs(actual / expected - 1) < share, `${actual} is not near ${expected}`);
}

describe('a sampler', () => {
  test('of no latency draws zero and takes no chance', () => {
    const random = seededRandom(1);
    assert.equal(sampler({ kind: 'none' }, random)(), 0);
    assert.equal(random.next(), seededRandom(1).next());
  });

  test('of a lognormal has its median and its 99th percentile', () => {
    const { quantile } = drawn({ kind: 'lognormal', p50Ms: 8, p99Ms: 40 });
    assertNear(quantile(0.5), 8);
    assertNear(quantile(0.99), 40, 0.06);
  });

  test('of quantiles has those quantiles, and the geometric mean halfway between two', () => {
    const points = [
      [0, 10],
      [0.5, 40],
      [0.9, 90],
      [1, 1_000],
    ] as const;
    const { quantile, min, max } = drawn({ kind: 'quantiles', points });
    for (const [share, ms] of points.slice(1, 3)) assertNear(quantile(share), ms);
    assertNear(quantile(0.25), Math.sqrt(10 * 40));
    assertNear(quantile(0.95), Math.sqrt(90 * 1_000), 0.06);
    assert.ok(min >= 10 - 1e-9 && max <= 1_000, `${min} to ${max}`);
  });

  test('refuses points that are no quantiles', () => {
    const refused: (readonly (readonly [number, number])[])[] = [
      [],
      [[0, 1]],
      [
        [0.1, 1],
        [1, 2],
      ],
      [
        [0, 1],
        [0.9, 2],
      ],
      [
        [0, 2],
        [1, 1],
      ],
      [
        [0, 1],
        [0, 2],
        [1, 3],
      ],
      [
        [0, 0],
        [1, 1],
      ],
    ];
    for (const points of refused) {
      assert.throws(() => sampler({ kind: 'quantiles', points }, seededRandom(1)), /quantiles need/);
    }
  });
});

test('a profile has the dispatch that was chosen, and all else of its name', () => {
  assert.deepEqual(profileWith({ name: 'aws', dispatch: 'concurrent' }), {
    ...AWS_PROFILE,
    dispatch: 'concurrent',
  });
  assert.deepEqual(profileWith({ name: 'ideal', dispatch: 'serial' }), IDEAL_PROFILE);
});
