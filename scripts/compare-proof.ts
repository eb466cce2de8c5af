/**
 * The comparison tried on runs that are independent of each other, of which the truth is known: simulated runs of one
 * setting, of other seeds each. Two sides of them differ in nothing, so what `compare` finds is a false alarm. Then one side's
 * latencies are multiplied by a known factor, and what it finds is its power. Runs of a real stage differ from one to the next
 * by more than chance, so all of it is done again with runs that do: each run's latencies are multiplied by a factor of
 * its own, lognormal, of the stated spread.
 *
 * The defaults take half an hour of one processor. What decides is how many seconds a side has, more than how many messages: a
 * slow second is slow for all of its messages.
 *
 * Usage: npm run compare:proof -- [--comparisons N] [--repeats N] [--effect 0.1] [--spread 0.02]
 *        [--rate N] [--seconds N] [--seed S]
 * Exit code 0: at most 5 % false alarms, and the effect is found in 80 % or more. 1: not so. 2: bad usage.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { summarise } from '../bench/judge/summary.ts';
import { latencyLog } from '../bench/measure/hlog.ts';
import { type Random, seededRandom } from '../bench/measure/random.ts';
import { asSimulated, simulate } from '../bench/sim/simulate.ts';
import { planWith } from '../bench/sim/testing/plan.ts';
import { compare } from '../reports/compare/compare.ts';
import type { ComparedRun, Side } from '../reports/compare/side.ts';
import { readSeconds, type SecondHistograms } from '../reports/statistics/second-histograms.ts';
import { refuse, scriptArguments, wholeOf } from './script-arguments.ts';

/** The bars: nominal level of the verdicts, and what is usually asked of a test. */
const MOST_ALARMS = 0.05;
const LEAST_POWER = 0.8;

const TEMPLATE_PATH = fileURLToPath(new URL('../stack/template.yaml', import.meta.url));

const OPTIONS = {
  comparisons: { type: 'string', default: '200' },
  repeats: { type: 'string', default: '6' },
  effect: { type: 'string', default: '0.1' },
  spread: { type: 'string', default: '0.02' },
  rate: { type: 'string', default: '50' },
  seconds: { type: 'string', default: '120' },
  seed: { type: 'string', default: '1' },
} as const;

type Options = { readonly [Name in keyof typeof OPTIONS]: number };

function options(): Options {
  const { effect, spread, ...counts } = scriptArguments(OPTIONS).values;
  const shares = Object.entries({ effect, spread }).map(([name, text]) => {
    if (!(Number(text) >= 0)) refuse([`${name}: '${text}' is not a share such as 0.1`]);
    return [name, Number(text)] as const;
  });
  const wholes = Object.entries(counts).map(([name, text]) => [name, wholeOf(name, text)] as const);
  return Object.fromEntries([...shares, ...wholes]) as unknown as Options;
}

/** A run of the reference stack with AWS-like latencies, at a load it bears; only chance differs between two of them. */
async function simulated(
  seed: number,
  { rate, seconds }: Options,
  templateText: string,
): Promise<ComparedRun> {
  const plan = planWith({
    name: 'compared',
    stage: 'local',
    profile: 'aws',
    connections: 20,
    load: { kind: 'open', ratePerSecond: rate, arrival: 'poisson' },
    warmupMs: 1_000,
    durationMs: seconds * 1_000,
    drainMs: 5_000,
    seed,
  });
  const { record } = await simulate({
    plan,
    templateText,
    templatePath: TEMPLATE_PATH,
    functions: 'model',
    log: () => {},
    version: 'proof',
    commit: null,
    interrupted: new AbortController().signal,
  });
  const log = latencyLog(record.rollup.seconds(), record.measuredFromMs);
  return {
    directory: String(seed),
    result: { ...asSimulated(summarise(record, [])), id: String(seed) },
    response: readSeconds(log, 'response').seconds,
    service: readSeconds(log, 'service').seconds,
    lostBySecond: [],
    gaps: [],
  };
}

const scaled = (seconds: SecondHistograms, factor: number): SecondHistograms =>
  seconds.map(({ values, counts }) => ({ values: values.map((value) => value * factor), counts }));

/** The run as if everything had taken `factor` times as long. */
function slowed(run: ComparedRun, factor: number): ComparedRun {
  return { ...run, response: scaled(run.response, factor), service: scaled(run.service, factor) };
}

/** Box and Muller. */
function normal(chance: Random): number {
  return Math.sqrt(-2 * Math.log(1 - chance.next())) * Math.cos(2 * Math.PI * chance.next());
}

/** How often something was said, of how many times it could have been. */
interface Tally {
  readonly latency: Map<string, number>;
  any: number;
  whole: number;
}

function judge(tally: Tally, base: Side, candidate: Side, chance: Random): void {
  const { contests } = compare(base, [candidate], {
    smallestEffect: 0.05,
    smallestRatio: 0.001,
    seed: 1,
    forced: false,
    chance,
  });
  const { metrics } = contests[0]!;
  const changed = metrics.filter(({ verdict }) => verdict === 'better' || verdict === 'worse');
  for (const { id } of metrics) tally.latency.set(id, tally.latency.get(id) ?? 0);
  for (const { id } of changed) tally.latency.set(id, tally.latency.get(id)! + 1);
  if (changed.length > 0) tally.any++;
  tally.whole++;
}

const P99 = 'latency.response.p99';

async function main(): Promise<number> {
  const given = options();
  const { comparisons, repeats, effect, spread, seed } = given;
  const templateText = readFileSync(TEMPLATE_PATH, 'utf8');
  const tally = (): Tally => ({ latency: new Map(), any: 0, whole: 0 });
  const tallies = { alike: [tally(), tally()], spread: [tally(), tally()] };
  const root = seededRandom(seed);
  let messages = 0;
  for (let index = 0; index < comparisons; index++) {
    const runs: ComparedRun[] = [];
    for (let of = 0; of < 2 * repeats; of++) {
      const run = await simulated(seed * 1_000_000 + index * 2 * repeats + of, given, templateText);
      messages += run.result.messages.delivered;
      runs.push(run);
    }
    const own = root.fork(`own ${index}`);
    const varied = runs.map((run) => slowed(run, Math.exp(spread * normal(own))));
    for (const [kind, each] of [
      ['alike', runs],
      ['spread', varied],
    ] as const) {
      const base = { label: 'base', runs: each.slice(0, repeats) };
      const equal = each.slice(repeats);
      const slower = equal.map((run) => slowed(run, 1 + effect));
      for (const [of, candidates] of [equal, slower].entries())
        judge(
          tallies[kind][of]!,
          base,
          { label: 'candidate', runs: candidates },
          root.fork(`${kind} ${index}`),
        );
    }
  }
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const say = (line: string) => process.stdout.write(`${line}\n`);
  say(
    `${comparisons} comparisons of ${repeats} runs with ${repeats}, each of ${given.seconds} s at ${given.rate}/s, all independent; ${messages} messages; nominal level 5 %, smallest effect 5 %`,
  );
  let isGood = true;
  for (const [kind, [equal, slower]] of Object.entries(tallies)) {
    const alarms = equal!.any / equal!.whole;
    const power = (slower!.latency.get(P99) ?? 0) / slower!.whole;
    const worst = [...equal!.latency].reduce((most, next) => (next[1] > most[1] ? next : most));
    isGood &&= alarms <= MOST_ALARMS && power >= LEAST_POWER;
    say(kind === 'alike' ? 'runs that differ by chance only' : `runs that differ by ${percent(spread)} more`);
    say(
      `  any metric called better or worse, and is not: ${equal!.any} of ${equal!.whole} (${percent(alarms)})`,
    );
    say(`  most often: ${worst[0]}, ${worst[1]} of ${equal!.whole}`);
    say(`  response p99 +${percent(effect)} found: ${percent(power)} of ${slower!.whole}`);
  }
  say(isGood ? 'good' : 'NOT GOOD: more than 5 % false alarms, or found in fewer than 80 %');
  return isGood ? 0 : 1;
}

process.exitCode = await main();
