/** The swarm finds what is wrong: its kept seeds pass, and every check fires when something lies. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Fault, PLAIN_FAULT } from '../../model/fault.ts';
import type { Plan } from '../../model/plan.ts';
import { planWith } from './plan.ts';
import { REGRESSIONS } from './regressions.ts';
import { runCase, runSeed, type Sabotage } from './swarm.ts';
import { Truth } from './truth.ts';

const TEMPLATE = readFileSync(new URL('../../../stack/template.yaml', import.meta.url), 'utf8');

const DROP: Fault = {
  ...PLAIN_FAULT,
  name: 'drop',
  where: 'delivery',
  do: 'drop',
  ratio: 0.2,
  delayMs: 10,
};

async function differencesOf(plan: Partial<Plan>, sabotage: Sabotage = {}): Promise<string> {
  const swarm = {
    plan: planWith({
      connections: 3,
      load: { kind: 'open', ratePerSecond: 60, arrival: 'constant' },
      warmupMs: 0,
      durationMs: 1_000,
      parameters: { MaximumBatchingWindowInSeconds: '0', AuditService: 'false' },
      ...plan,
    }),
    functions: 'model' as const,
    deathsMs: [],
  };
  return (await runCase(swarm, TEMPLATE, sabotage)).differences.join('; ');
}

/** A witness that is mistaken about every tenth arrival. */
function liar(lie: (truth: Truth, link: number, bytes: Uint8Array) => void): Sabotage {
  class Liar extends Truth {
    #arrivals = 0;
    override received(link: number, bytes: Uint8Array): void {
      this.#arrivals += 1;
      if (this.#arrivals % 10 === 0) lie(this, link, bytes);
      else super.received(link, bytes);
    }
    tell(link: number, bytes: Uint8Array): void {
      super.received(link, bytes);
    }
  }
  return { newTruth: (now) => new Liar(now) };
}

for (const { seed, keptFor } of REGRESSIONS) {
  test(`seed ${seed} passes: ${keptFor}`, async () => {
    assert.deepEqual((await runSeed(seed, TEMPLATE)).differences, []);
  });
}

test('seeds come to the same bytes twice', async () => {
  for (const seed of [1, 2]) {
    const first = await runSeed(seed, TEMPLATE);
    assert.deepEqual(first.differences, [], `seed ${seed}`);
    assert.equal((await runSeed(seed, TEMPLATE)).text, first.text, `seed ${seed}`);
  }
});

test('an honest case has no differences', async () => {
  assert.equal(await differencesOf({}), '');
  assert.equal(await differencesOf({ faults: { faults: [DROP] } }), '');
});

test('a loss that the ledger did not see is a difference, in total and by stream', async () => {
  const differences = await differencesOf(
    {},
    liar(() => {}),
  );
  assert.match(differences, /ledger's delivered: 60 instead of 5\d/);
  assert.match(differences, /stream 0000000\d: witnesses of lost: 0 instead of \d/);
  assert.match(differences, /lost without a fault: [1-9]/);
});

test('a duplicate, and an arrival that is none of the messages, are differences', async () => {
  const doubled = await differencesOf(
    {},
    liar((truth, link, bytes) => {
      Truth.prototype.received.call(truth, link, bytes);
      Truth.prototype.received.call(truth, link, bytes);
    }),
  );
  assert.match(doubled, /ledger's duplicated: 0 instead of \d/);
  const spoilt = await differencesOf(
    {},
    liar((truth, link, bytes) => {
      const copy = Buffer.from(bytes);
      copy[copy.length - 5] = 0x21;
      Truth.prototype.received.call(truth, link, copy);
    }),
  );
  assert.match(spoilt, /ledger's unexpected: 0 instead of \d/);
});

test('an order that the ledger did not see is a difference', async () => {
  const held: { link: number; bytes: Uint8Array }[] = [];
  class Shuffler extends Truth {
    override received(link: number, bytes: Uint8Array): void {
      const before = held.findIndex((one) => one.link === link);
      if (before < 0) {
        held.push({ link, bytes });
        return;
      }
      super.received(link, bytes);
      super.received(link, held.splice(before, 1)[0]!.bytes);
    }
  }
  const differences = await differencesOf({}, { newTruth: (now) => new Shuffler(now) });
  assert.match(differences, /ledger's reordered: 0 instead of \d/);
});

test('an injector that counts wrongly is a difference', async () => {
  const differences = await differencesOf(
    { faults: { faults: [DROP] } },
    {
      opened: ({ simulated }) => {
        const faults = simulated.faults!;
        const honest = faults.tallyOfStream.bind(faults);
        faults.tallyOfStream = (stream) => ({ ...honest(stream), lost: honest(stream).lost + 1 });
      },
    },
  );
  assert.match(differences, /stream 0000000\d: lost: \d+ instead of \d/);
});

test('a metric that misses records is a difference, and so is one that has too many', async () => {
  for (const [by, faults] of [
    [-1, null],
    [1, { faults: [DROP] }],
  ] as const) {
    const differences = await differencesOf(
      { faults },
      {
        opened: ({ simulated }) => {
          const { metrics } = simulated.account;
          const sum = metrics.sum.bind(metrics);
          metrics.sum = (identity, startMs, endMs) =>
            sum(identity, startMs, endMs) + (identity.name === 'IncomingRecords' ? by : 0);
        },
      },
    );
    assert.match(differences, /IncomingRecords/, `by ${by}`);
    if (faults === null) assert.match(differences, /PolledEventCount: 61 instead of 60/);
  }
});
