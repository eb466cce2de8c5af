/** A capacity search as a document: the answer, the curve it was read from, and every probe with the way to its own report. */
import type { CapacityProbe, CapacityResult } from '../../bench/judge/capacity.ts';
import { pricesText } from '../../bench/model/prices-text.ts';
import {
  amount,
  type Blocks,
  callout,
  type Document,
  facts,
  figureOf,
  heading,
  list,
  money,
  none,
  note,
  only,
  page,
  pageColumn,
  paragraph,
  type Status,
  section,
  type Tile,
  table,
  text,
  tiles,
  untitled,
  withUnit,
  word,
} from '../document/blocks.ts';
import { type Inline, lines, link, mark, type Tone } from '../document/inline.ts';
import { visible } from '../escape.ts';
import {
  ABSENT,
  amountText,
  capitalized,
  counted,
  countText,
  dollarText,
  durationText,
  instantText,
  msText,
  ratioText,
} from '../figures.ts';
import { driverFacts, nodeText, stageText, tookText } from '../provenance.ts';
import { curves, judgedOf, rateText } from './curve.ts';

/** The search as a document. */
export function capacityDocument(result: CapacityResult): Document {
  const { plan, answer, name, slos, stage } = result;
  const head = answerText(result);
  const status = statusOf(result);
  return {
    kind: 'capacity search',
    madeFrom: link('capacity.json', 'capacity.json'),
    heading: `${head}: ${name}`,
    title: name,
    subtitle: [
      stageText(stage),
      counted(plan.connections, 'connection'),
      slos.join(' and '),
      instantText(result.startedAt),
    ],
    provenance: [tookText(result), nodeText(result.environment)],
    blocks: [
      callout({ status, head, name, text: [answer.sentence], ...(status === 'measured' && { sign: '≥' }) }),
      page(() =>
        untitled('figures', 'Headline figures', [tiles(headline(result)), list(stage.notes, 'stage-notes')]),
      ),
      page(() => section('curve', 'Latency and throughput by rate', curves(result))),
      only(['html', 'markdown'], () => section('probes', 'Probes', probes(result))),
      section('limit', 'What limits', limit(result)),
      text(() => costText(result)),
      page(() => costs(result)),
      page(() => section('setup', 'The search', setup(result))),
    ],
  };
}

/** `measured`: an answer that is only a lower bound, or was not confirmed. */
export function statusOf({ partial, answer }: CapacityResult): Status {
  if (partial) return 'partial';
  if (answer.ratePerSecond === null) return isUnjudged(answer) ? 'invalid' : 'threshold-failed';
  return answer.isLowerBound || !answer.isConfirmed ? 'measured' : 'pass';
}

/** Whether no rate held because none could be judged. */
function isUnjudged({ limitedBy, unjudgedAtPerSecond }: CapacityResult['answer']): boolean {
  return limitedBy === 'driver' || limitedBy === 'machine' || unjudgedAtPerSecond !== undefined;
}

/** The answer in a few words: `1,190 messages/s`, `At least 3,200 messages/s`. */
function answerText({ answer }: CapacityResult): string {
  const { ratePerSecond, isLowerBound } = answer;
  if (answer.failure !== undefined && ratePerSecond === null) return 'The stage failed';
  if (ratePerSecond === null)
    return answer.failsAtPerSecond === null && isUnjudged(answer)
      ? 'No rate could be judged'
      : 'No rate held';
  return `${isLowerBound ? 'At least ' : ''}${rateText(ratePerSecond)} messages/s`;
}

function headline({ answer, probes: all, slos, search }: CapacityResult): Tile[] {
  const judged = judgedOf(slos);
  const best = all.filter(
    ({ ratePerSecond, verdict }) => ratePerSecond === answer.ratePerSecond && verdict === 'held',
  );
  const slowest =
    best.length === 0 ? null : Math.max(...best.map((probe) => judged.value(probe) ?? 0)) || null;
  const rate = (perSecond: number | null): Inline =>
    withUnit(perSecond === null ? ABSENT : rateText(perSecond), '/s');
  return [
    {
      name: 'Holds',
      value: rate(answer.ratePerSecond),
      meaning: `${counted(answer.confirmedBy, 'probe')} held`,
    },
    answer.unjudgedAtPerSecond === undefined
      ? {
          name: 'Does not hold',
          value: rate(answer.failsAtPerSecond),
          meaning: 'the lowest rate that failed above it',
        }
      : {
          name: 'Not judged',
          value: rate(answer.unjudgedAtPerSecond),
          meaning: 'all its probes were invalid',
        },
    {
      name: 'Gap',
      value: answer.precision === null ? ABSENT : ratioText(answer.precision),
      meaning: `asked for: ${ratioText(search.precision)}`,
    },
    {
      name: `${judged.title} there`,
      value: withUnit(amountText(slowest), 'ms'),
      meaning: 'the slowest of the probes that held',
    },
  ];
}

const TONES: Readonly<Record<CapacityProbe['verdict'], Tone>> = {
  held: 'good',
  failed: 'bad',
  invalid: 'unsure',
  'not judged': 'quiet',
};

const verdictOf = ({ verdict }: CapacityProbe): Inline => mark(TONES[verdict], verdict);

function probes({ probes: all, cost, slos }: CapacityResult): Blocks {
  const judged = judgedOf(slos);
  return [
    table('Every probe in its order; its number leads to its own report', all, [
      word('probe', ({ directory, index }) =>
        link(`${directory}/index.html`, String(index).padStart(2, '0')),
      ),
      word('step', ({ phase }) => phase),
      word('verdict', verdictOf),
      figureOf('offered/s', ({ ratePerSecond }) => rateText(ratePerSecond)),
      amount('delivered/s', ({ deliveredPerSecond }) => deliveredPerSecond),
      amount('p50 ms', ({ p50 }) => p50),
      amount(`${judged.name} ms`, judged.value),
      amount('max ms', ({ max }) => max),
      pageColumn(figureOf('drained after', drainText)),
      cost !== undefined && cost !== null && money('USD', (probe) => probe.cost?.total),
    ]),
    note(
      'Probe 00 warms the stage up. A probe that did not hold is followed by a pause until echoes are prompt again; a dash there means that they were not within a minute.',
    ),
    page(() => failures(all.filter(({ reasons }) => reasons.length > 0))),
  ];
}

function drainText({ verdict, drainedAfterMs }: CapacityProbe): string {
  if (drainedAfterMs === null) return ABSENT;
  return verdict === 'held' || drainedAfterMs === 0 ? 'no pause' : durationText(drainedAfterMs);
}

function failures(failed: readonly CapacityProbe[]): Blocks {
  return (
    failed.length > 0 && [
      heading('Why probes did not hold'),
      table('Reasons, the most telling first', failed, [
        word(
          'probe',
          ({ index, ratePerSecond }) => `${String(index).padStart(2, '0')}, ${rateText(ratePerSecond)}/s`,
        ),
        word('verdict', verdictOf),
        word('reasons', ({ reasons }) => lines(reasons)),
      ]),
    ]
  );
}

/** Whose limit it is. */
const LIMITS: Readonly<Record<CapacityResult['answer']['limitedBy'], string>> = {
  stage: 'the stage',
  'shard writes': 'the write limit of the stream’s shards',
  driver: 'the driver',
  machine: 'this machine, shared by stage and driver',
  'max rate': '--max-rate',
  search: 'the search, which ended early',
  nothing: 'nothing: no rate was judged',
};

function limit({ answer }: CapacityResult): Blocks {
  const { contradictions, evidence, limitedBy } = answer;
  return [
    only('terminal', () => paragraph(`limited by ${LIMITS[limitedBy]}`)),
    only(['html', 'markdown'], () => paragraph(`${capitalized(LIMITS[limitedBy])}.`)),
    list(evidence),
    contradictions.length === 0
      ? note('The probes agree: no rate failed below one that held.')
      : page(() => [
          heading('The probes disagree'),
          list(
            contradictions.map(
              ({ failedPerSecond, heldPerSecond }) =>
                `${rateText(failedPerSecond)}/s failed once, and ${rateText(heldPerSecond)}/s held.`,
            ),
          ),
          note('The answer lies below every rate that failed twice, or after it had held.'),
        ]),
  ];
}

/** What the search cost and what a round trip costs at the rate found; nothing of an older result, which does not say. */
function costText({ cost, answer: { ratePerSecond }, probes: all }: CapacityResult): Blocks {
  if (cost === undefined) return null;
  if (cost === null) return paragraph('Cost: not known, for nothing can be priced without a template.');
  const search =
    cost.total === null
      ? 'what the search cost is not known, for some of its probes have no cost'
      : `the search ${dollarText(cost.total)} for ${counted(all.length, 'probe')}`;
  const there = ratePerSecond === null ? [] : [atCapacityText(cost, ratePerSecond)];
  const basis = cost.basis === 'as on AWS' ? '; what it would cost on AWS, nothing was billed' : '';
  return paragraph(`Cost: ${[search, ...there].join('; ')} (${pricesText(cost)}${basis}).`);
}

function atCapacityText(
  { perMillionRoundTrips, perMonth }: NonNullable<CapacityResult['cost']>,
  ratePerSecond: number,
): string {
  const at = `at ${rateText(ratePerSecond)}/s`;
  if (perMillionRoundTrips === null) return `${at} the cost of a round trip is not known`;
  const month = perMonth === null ? '' : `, ${dollarText(perMonth)} a month`;
  return `${at} ${dollarText(perMillionRoundTrips)} per million round trips${month}`;
}

function costs({ cost, answer: { ratePerSecond }, probes: all }: CapacityResult): Blocks {
  if (cost === undefined) return null;
  const unknown = none('Not known: this stage has no template by which it could be priced.');
  if (cost === null) return section('cost', 'What it costs', unknown);
  const { total, perMillionRoundTrips, perMonth, basis } = cost;
  const rate = ratePerSecond === null ? 'the rate found' : `${rateText(ratePerSecond)}/s`;
  return section('cost', 'What it costs', [
    facts([
      ['the search', `${dollarText(total)} for ${counted(all.length, 'probe')}`],
      [`per million round trips at ${rate}`, dollarText(perMillionRoundTrips)],
      ['a month there, 730 hours', dollarText(perMonth)],
    ]),
    note(
      `At ${pricesText(cost)}, without free tiers, higher tiers applied as if nothing else were billed${basis === 'as on AWS' ? '; nothing was billed: this is what the same probes would cost on AWS' : ''}. What shards cost in the pauses between probes is not counted. ${total === null || perMillionRoundTrips === null ? `${ABSENT} is not known. ` : ''}Each probe’s report says what its cost is made up of.`,
    ),
  ]);
}

function setup(result: CapacityResult): Blocks {
  const { plan, environment, search, probes: all } = result;
  return facts([
    ['rates', `${rateText(search.minRatePerSecond)}/s to ${rateText(search.maxRatePerSecond)}/s`],
    ['precision', ratioText(search.precision)],
    ['confirmations', countText(search.confirmations)],
    ['probes', countText(all.length)],
    ['took', `${tookText(result)} of at most ${durationText(search.budgetMs)}`],
    ['connections', countText(plan.connections)],
    ['warm-up of each probe', durationText(plan.warmupMs)],
    ['message', `${countText(plan.payloadBytes)} bytes`],
    ...driverFacts(environment, plan.threads),
  ]);
}

/** Line of a probe that is over, for the terminal. */
export function probeLine(probe: CapacityProbe): string {
  const { index, phase, ratePerSecond, verdict, p50, deliveredPerSecond, reasons } = probe;
  const judged = judgedOf(probe.slos.map(({ expression }) => expression));
  const cells = [
    `probe ${String(index).padStart(2)}`,
    `${rateText(ratePerSecond)}/s`.padStart(10),
    phase.padEnd(11),
    verdict.padEnd(10),
    `back ${amountText(deliveredPerSecond)}/s`.padEnd(15),
    `p50 ${msText(p50)}`.padEnd(15),
    `${judged.name} ${msText(judged.value(probe))}`.padEnd(15),
    visible(reasons[0] ?? ''),
  ];
  return cells.join('  ').trimEnd();
}
