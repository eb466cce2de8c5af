/** A sweep as a document: what to choose, what each setting does, and the way to the report of every run. */
import { doneRuns, type SweepResult } from '../../bench/model/sweep.ts';
import {
  amount,
  type Blocks,
  CONTENTS,
  callout,
  type Document,
  drawing,
  facts,
  figureOf,
  fold,
  list,
  money,
  none,
  note,
  only,
  page,
  paragraph,
  section,
  type Tile,
  table,
  text,
  tiles,
  untitled,
  withUnit,
  word,
} from '../document/blocks.ts';
import { html, type Inline, link, mark, quiet, shown } from '../document/inline.ts';
import {
  ABSENT,
  amountText,
  counted,
  countText,
  dollarText,
  durationText,
  instantText,
  ratioText,
} from '../figures.ts';
import { driverFacts } from '../provenance.ts';
import { cells } from './cells.ts';
import { type MainEffect, mainEffects } from './effects.ts';
import { heatMaps } from './heat-map.ts';
import { COST, cellValue, DELIVERED, latencyOf, metricsOf, type SweepMetric } from './metrics.ts';
import { absentText } from './saved.ts';
import { scalingOf } from './scaling.ts';
import { answerText, countsText, placeText, settingsText, statusOf, sweepPrices } from './text.ts';
import { paretoPoints, tradeOff } from './trade-off.ts';

/** The sweep as a document; `absent` are the directories of runs that are not there any more. */
export function sweepDocument(result: SweepResult, absent: readonly string[] = []): Document {
  const { goals, name, recommendation, stage } = result;
  const head = answerText(result);
  const said = [recommendation.sentence, absentText(absent)].filter((sentence) => sentence !== null);
  return {
    kind: 'sweep',
    madeFrom: link('sweep.json', 'sweep.json'),
    heading: `${head}: ${name}`,
    title: name,
    subtitle: [placeText(result), countsText(result), instantText(result.startedAt)],
    styles: ['../sweep/sweep.css'],
    blocks: [
      callout({
        status: statusOf(result),
        head,
        name,
        text: said,
        list: goals.map((goal) => [shown('markdown', 'goal '), goal]),
      }),
      only('terminal', () => paragraph(countsText(result))),
      page(() => [
        untitled('figures', 'Figures of the recommended cell', [
          tiles(headline(result)),
          list(stage?.notes ?? [], 'stage-notes'),
        ]),
        CONTENTS,
        section('maps', 'Heat maps', maps(result)),
      ]),
      section('trade-off', 'Latency against cost', costs(result)),
      page(() => [section('effects', 'What each setting does', effects(result)), scaling(result)]),
      only(['html', 'markdown'], () => section('cells', 'Cells', cells(result))),
      text(() => remains(result)),
      page(() => section('setup', 'The sweep', setup(result))),
    ],
  };
}

function headline(result: SweepResult): Tile[] {
  const cell = result.cells.find(({ id }) => id === result.recommendation.cell);
  if (cell === undefined) return [];
  const latency = latencyOf(result);
  const value = (metric: SweepMetric) => cellValue(cell, metric);
  const months = doneRuns(cell).map(({ figures }) => figures.perMonthUsd);
  const month = months.includes(null)
    ? null
    : months.reduce<number>((sum, usd) => sum + (usd ?? 0), 0) / months.length;
  return [
    { name: latency.name, value: withUnit(amountText(value(latency)), 'ms'), meaning: 'typical of its runs' },
    {
      name: 'Delivered',
      value: withUnit(amountText(value(DELIVERED)), '/s'),
      meaning: 'messages that came back',
    },
    {
      name: 'Per million round trips',
      value: dollarText(value(COST)),
      meaning: `at ${sweepPrices(result)}, at this load`,
    },
    { name: 'A month', value: dollarText(month), meaning: '730 hours at this load' },
  ];
}

function maps(result: SweepResult): Blocks {
  return [
    note(
      'The two settings that change a figure most are its rows and columns; each further combination has a map of its own, on the same scale. Darker is worse. A figure is the mean of the cell’s valid runs and leads to the cell; ! marks one that has invalid runs only.',
    ),
    metricsOf(result).map((metric, index) =>
      fold([metric.name, ' ', quiet(metric.unit)], heatMaps(result, metric), index === 0),
    ),
  ];
}

const priced = (result: SweepResult): string => `Costs are at ${sweepPrices(result)}`;

/** The drawing for the page; elsewhere the cells that nothing beats, as far as there are any. */
function costs(result: SweepResult): Blocks {
  const points = paretoPoints(result);
  const front = points.filter(({ isOnFront }) => isOnFront);
  const latency = latencyOf(result);
  return [
    page(() => tradeOff(result, points)),
    note(
      `${priced(result)}, of the load that was driven, shards and connections included, without free tiers, higher tiers applied as if nothing else were billed; the same settings at another load have another price per message.`,
    ),
    text(() => [
      table('no cell is faster and cheaper', front, [
        word('', ({ cell }) => settingsText(cell)),
        amount(`${latency.short} ms`, ({ latencyMs }) => latencyMs),
        amount('delivered/s', ({ cell }) => cellValue(cell, DELIVERED)),
        money('USD per million', ({ costUsd }) => costUsd),
      ]),
      result.cells.some((cell) => cellValue(cell, COST) !== null) && paragraph(`${priced(result)}.`),
    ]),
  ];
}

/** Effects on the metrics by which people choose. */
function effects(result: SweepResult): Blocks {
  const found = [latencyOf(result), DELIVERED, COST]
    .map((metric) => ({ metric, own: mainEffects(result, metric) }))
    .filter(({ own }) => own.length > 0);
  return [
    note(
      'Each value against the first of its setting, as the mean over pairs of cells that differ in nothing else: × 0.80 is a fifth less. Intervals are 95 %, from what repeats of the same cell differ by. One that includes × 1 can’t be told from chance. An average hides what settings do together: see the maps.',
    ),
    found.some(({ own }) => own.some(({ isDoubtful }) => isDoubtful)) &&
      paragraph(
        'Invalid runs are among these, as without them there was nothing to tell: take them as hints.',
        'note unsure',
      ),
    found.length === 0 &&
      none(
        'No effect can be told yet: some value of a setting has no cell whose runs are all there and valid.',
      ),
    found.map(({ metric, own }) => effectTable(metric, own)),
  ];
}

function effectTable(metric: SweepMetric, own: readonly MainEffect[]): Blocks {
  const levels = own.flatMap(({ setting, levels: all }) =>
    all.map((level, index) => ({ ...level, name: `${setting}=${level.value}`, isFirst: index === 0 })),
  );
  return drawing(
    `Effects on ${metric.name.toLowerCase()}`,
    table(metric.name, levels, [
      word('setting', ({ name }) => name),
      word('effect', ({ isFirst, interval }) => (isFirst ? 'the first' : verdictOf(metric, interval))),
      figureOf('factor', ({ isFirst, effect }) => (isFirst ? '× 1' : factorText(effect))),
      figureOf(
        '95 % interval',
        ({ isFirst, interval }) => !isFirst && (interval?.map(factorText).join(' to ') ?? ABSENT),
      ),
      figureOf('pairs', ({ isFirst, pairs }) => !isFirst && countText(pairs)),
    ]),
  );
}

function factorText(factor: number): string {
  return `× ${factor >= 10 ? amountText(factor) : factor.toFixed(2)}`;
}

function verdictOf({ better }: SweepMetric, interval: readonly [number, number] | null): Inline {
  if (interval === null) return mark('quiet', 'needs repeats');
  const [low, high] = interval;
  if (low <= 1 && high >= 1) return mark('quiet', 'not told from chance');
  const isLower = high < 1;
  const arrow = isLower ? '▼' : '▲';
  return (better === 'lower') === isLower ? mark('good', 'better', arrow) : mark('bad', 'worse', arrow);
}

function scaling(result: SweepResult): Blocks {
  const steps = scalingOf(result);
  if (steps === null) return null;
  const steady = table('Mean over all other settings', steps, [
    word('shards', ({ shards }) => shards),
    amount('offered/s', ({ offeredPerSecond }) => offeredPerSecond),
    amount('delivered/s', ({ deliveredPerSecond }) => deliveredPerSecond),
    figureOf('efficiency', ({ efficiency }) => [
      ratioText(efficiency),
      html`<span class="bar" aria-hidden="true"><i style="width:${Math.round(Math.min(1, efficiency) * 100)}%"></i></span>`,
    ]),
    figureOf('came back', ({ isKeptUp }) => (isKeptUp ? 'all that was offered' : 'less than was offered')),
  ]);
  const limits = steps.every(({ isKeptUp }) => isKeptUp)
    ? 'Here every number of shards brought back all that was offered, so the figure says nothing about how the stage scales: drive it harder, or in a closed loop (inFlight).'
    : 'Only a load above what the stage can take shows how it scales.';
  return section('scaling', 'Delivered rate by shards', [
    drawing('Delivered rate by shards', steady),
    note(
      `Efficiency is the delivered rate as a share of what the fewest shards would give if each further one brought as much. ${limits}`,
    ),
  ]);
}

/** What was spent, and what is still there to be deleted. */
function remains(result: SweepResult): Blocks {
  const { cost, stacks, leftOver = [] } = result;
  return [
    cost !== null && paragraph(`Spent ${spentText(result, cost)}.`),
    stacks.length > 0 &&
      paragraph(
        `Still there: stack ${stacks.join(', ')}; delete it with 'npm run teardown -- --name ${stacks[0]}'`,
      ),
    leftOver.map((one) => paragraph(`Still there, though its stack is gone: ${one}`)),
  ];
}

function spentText(result: SweepResult, cost: NonNullable<SweepResult['cost']>): string {
  return `about ${dollarText(cost.spentUsd)} of ${dollarText(cost.estimatedUsd)} estimated, at ${sweepPrices(result)}`;
}

function setup(result: SweepResult): Blocks {
  const { plan, environment, vary, repeats, orderSeed, cost, stacks } = result;
  const load =
    plan.load.kind === 'open'
      ? `${amountText(plan.load.ratePerSecond)} messages/s`
      : `${plan.load.inFlight} in flight on each connection`;
  return facts([
    ...vary.map(({ name, values }) => [name, values.join(', ')] as const),
    ['repeats', countText(repeats)],
    ['order', `blocks of all cells, shuffled by seed ${orderSeed}`],
    ['load', `${load}, ${counted(plan.connections, 'connection')}, where it does not vary`],
    ['measured', `${durationText(plan.durationMs)} after ${durationText(plan.warmupMs)} of warm-up`],
    ['message', `${countText(plan.payloadBytes)} bytes`],
    cost !== null && ['cost of the sweep', spentText(result, cost)],
    stacks.length > 0 && ['stacks still there', stacks.join(', ')],
    ...driverFacts(environment, plan.threads),
  ]);
}
