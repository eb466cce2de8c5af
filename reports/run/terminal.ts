/**
 * The closing summary in the terminal: what a person wants to know before opening the report, and all that a CI log
 * keeps. Plain lines, aligned, at most `width` columns where words can be wrapped; colour only marks verdicts and never
 * carries meaning alone. Text from outside is made visible first, so it can't move the cursor.
 */
import { styleText } from 'node:util';
import { contradictionsIn } from '../../bench/judge/conservation.ts';
import type {
  FaultOutcome,
  HopBudget,
  Quantiles,
  RunResult,
  ValidityVerdict,
} from '../../bench/model/result.ts';
import { costSentence } from '../cost-words.ts';
import { visible } from '../escape.ts';
import { ABSENT, amountText, countText, durationText, ratioText } from '../figures.ts';
import { wrapped } from '../wrap.ts';
import { attemptCounts, ratioOrBound, violationCounts } from './counts.ts';
import {
  decidedTally,
  faultBanner,
  faultMark,
  faultSpan,
  faultText,
  recoveryText,
  touchedText,
} from './fault-text.ts';
import { sumSentence } from './hop-text.ts';
import { fleetCheckOf, type Status, verdictOf } from './verdict.ts';

/** How the summary is to look. */
export interface TerminalOptions {
  readonly colour: boolean;
  /** Columns of the terminal; words are wrapped there, tables are not. */
  readonly width: number;
  /** Whether the verdict is all that will be said; then the first reason goes with it. */
  readonly isBrief?: boolean;
}

type Colour = 'green' | 'red' | 'yellow' | 'dim' | 'bold';
type Paint = (colour: Colour, text: string) => string;

/** Narrower than this, wrapping makes text harder to read, not easier. */
const MIN_WIDTH = 40;
const LABEL_WIDTH = 14;

/** The summary of a run, line by line, without line ends. */
export function summaryLines(result: RunResult, { colour, width, isBrief }: TerminalOptions): string[] {
  if (isBrief === true) return [briefVerdict(result)];
  const paint: Paint = (name, text) => (colour ? styleText(name, text, { validateStream: false }) : text);
  const columns = Math.max(width, MIN_WIDTH);
  const blocks = [
    verdictBlock(result, paint, columns),
    faultLine(result, paint, columns),
    latencyBlock(result, paint),
    countsBlock(result, columns),
    hopsBlock(result, paint, columns),
    faultsBlock(result, columns),
    costBlock(result, columns),
    thresholdsBlock(result, paint, columns),
    validityBlock(result, paint, columns),
    warningsBlock(result, paint, columns),
  ];
  return blocks.filter((block) => block.length > 0).flatMap((block) => ['', ...block]);
}

const STATUS_COLOURS: Readonly<Record<Status, Colour>> = {
  pass: 'green',
  'threshold-failed': 'red',
  partial: 'yellow',
  measured: 'yellow',
  invalid: 'red',
};

function briefVerdict(result: RunResult): string {
  const { word, meaning, reasons } = verdictOf(result);
  return visible([`${word}  ${result.name}: ${meaning}`, ...reasons.slice(0, 1)].join(' '));
}

function verdictBlock(result: RunResult, paint: Paint, width: number): string[] {
  const { status, word, meaning } = verdictOf(result);
  const [first = '', ...rest] = wrapped(`${word}  ${visible(result.name)}: ${meaning}`, width, '  ');
  return [paint(STATUS_COLOURS[status], paint('bold', word)) + first.slice(word.length), ...rest];
}

const QUANTILES = ['p50', 'p90', 'p95', 'p99', 'p999', 'max'] as const;

function latencyBlock({ latency }: RunResult, paint: Paint): string[] {
  const row = (name: string, q: Quantiles): string =>
    name.padEnd(LABEL_WIDTH) + QUANTILES.map((quantile) => amountText(q[quantile]).padStart(10)).join('');
  const head = `${'latency, ms'.padEnd(LABEL_WIDTH)}${QUANTILES.map((q) => (q === 'p999' ? 'p99.9' : q).padStart(10)).join('')}`;
  const rows = [
    row('response', latency.response),
    row('service', latency.service),
    row('send lag', latency.sendLag),
  ];
  const note = rows.some((line) => line.includes(ABSENT))
    ? [paint('dim', `${ABSENT} fewer than 10 samples beyond`)]
    : [];
  return [paint('dim', head), ...rows, ...note];
}

function countsBlock(result: RunResult, width: number): string[] {
  const { messages, throughput, connections } = result;
  const parts = attemptCounts(result).map(({ name, count }) => `${countText(count)} ${name}`);
  const rates = [
    `${amountText(throughput.offeredPerSecond)} offered`,
    `${amountText(throughput.sentPerSecond)} sent`,
    `${amountText(throughput.deliveredPerSecond)} delivered`,
  ];
  return [
    ...labelled('messages', `${countText(messages.scheduled)} scheduled = ${parts.join(' + ')}`, width),
    ...violationCounts(result).flatMap((violation) =>
      labelled(
        violation.name.toLowerCase(),
        `${countText(violation.count)} of ${countText(violation.of)} ${violation.ofWhat}: ${ratioOrBound(violation)}`,
        width,
      ),
    ),
    ...labelled('per second', rates.join(', '), width),
    ...labelled('connections', connectionText(connections), width),
  ];
}

function connectionText({
  requested,
  opened,
  failed,
  closedEarly,
  reconnects,
  churned,
  failures,
}: RunResult['connections']): string {
  const codes = Object.entries(failures).map(([code, count]) => `${visible(code)} ${countText(count)}`);
  const why = codes.length === 0 ? '' : ` (${codes.join(', ')})`;
  const again = [
    reconnects === 0 ? '' : `, ${countText(reconnects)} reconnected`,
    churned === 0 ? '' : `, ${countText(churned)} churned`,
  ].join('');
  return `${countText(opened)} of ${countText(requested)} opened, ${countText(failed)} failed, ${countText(closedEarly)} closed early${again}${why}`;
}

function labelled(label: string, text: string, width: number): string[] {
  const lines = wrapped(text, width - LABEL_WIDTH, '');
  return lines.map((line, index) => (index === 0 ? label : '').padEnd(LABEL_WIDTH) + line);
}

function hopsBlock({ latency: { hops } }: RunResult, paint: Paint, width: number): string[] {
  if (hops === null) return [];
  return [...hopLines(hops, width), ...sumLines(hops, paint, width)];
}

/** Means where their shares are known, since only means add up; medians of older results. */
function hopLines(hops: HopBudget, width: number): string[] {
  const { shares } = hops;
  const bound = hops.offsetBoundMs === null ? '' : ` (apart by at most ${amountText(hops.offsetBoundMs)} ms)`;
  const clocks = `all but process cross clocks${bound}`;
  if (shares === undefined) return medianLines(hops, clocks, width);
  const parts = HOPS.map((name) => `${name} ${amountText(hops[name].mean)} (${ratioText(shares[name])})`);
  return labelled('hops, mean ms', `${parts.join(', ')}; ${clocks}`, width);
}

function sumLines({ sum }: HopBudget, paint: Paint, width: number): string[] {
  if (sum === undefined) return [];
  const { isWhole, text } = sumSentence(sum);
  return isWhole ? [] : marked(paint('red', '✗'), text, width);
}

const HOPS = ['ingest', 'queue', 'process', 'deliver'] as const;

function medianLines(hops: HopBudget, clocks: string, width: number): string[] {
  const medians = HOPS.map((name) => ({ name, ms: hops[name].p50 }));
  const total = medians.reduce((sum, { ms }) => sum + (ms ?? 0), 0);
  const parts = medians.map(({ name, ms }) =>
    ms === null ? `${name} ${ABSENT}` : `${name} ${amountText(ms)} (${ratioText(ms / (total || 1))})`,
  );
  return labelled('hops, p50 ms', `${parts.join(', ')}; ${clocks}`, width);
}

function faultLine(result: RunResult, paint: Paint, width: number): string[] {
  const banner = faultBanner(result);
  return banner === null ? [] : marked(paint('yellow', '!'), banner, width);
}

function faultsBlock({ faults = [] }: RunResult, width: number): string[] {
  return faults.flatMap((outcome, index) => {
    const when = `${visible(outcome.fault.name)}, ${faultSpan(outcome)}`;
    const text =
      outcome.fromMs === null
        ? `${when}.`
        : `${when}: ${visible(faultText(outcome.fault))}. ${struckText(outcome)} Recovery: ${recoveryText(outcome)}.`;
    return labelled(faultMark(index), text, width);
  });
}

function struckText(outcome: FaultOutcome): string {
  const { tally } = outcome;
  if (tally === null) return 'What it struck was not counted.';
  const decided = decidedTally(outcome);
  if (decided === null) return `Struck: ${touchedText(outcome)}.`;
  const { lost, duplicated, reordered } = decided;
  return `Struck: ${touchedText(outcome)}, so ${countText(lost)} lost, ${countText(duplicated)} duplicated, ${countText(reordered)} reordered.`;
}

function costBlock({ cost }: RunResult, width: number): string[] {
  return cost === null ? [] : labelled('cost', visible(costSentence(cost)), width);
}

function thresholdsBlock({ thresholds }: RunResult, paint: Paint, width: number): string[] {
  return thresholds.flatMap(({ expression, value, ok }) => {
    const measured = value === null ? 'no value was measured' : amountText(value);
    return marked(ok ? paint('green', '✓') : paint('red', '✗'), `${visible(expression)}: ${measured}`, width);
  });
}

const VALIDITY_SIGNS: Readonly<Record<Exclude<ValidityVerdict, 'valid'>, readonly [Colour, string]>> = {
  unknown: ['yellow', '?'],
  invalid: ['red', '✗'],
};

function validityBlock(result: RunResult, paint: Paint, width: number): string[] {
  const { validity, partial, plan } = result;
  const broken = contradictionsIn(result).flatMap((law) => marked(paint('red', '✗'), law, width));
  const what =
    fleetCheckOf(result) === undefined
      ? `cut short: ${durationText(plan.durationMs)} were planned`
      : 'partial: not all of the plan was driven';
  const cut = partial ? marked(paint('yellow', '!'), what, width) : [];
  const problems = validity.checks.flatMap(({ name, verdict, evidence }) => {
    if (verdict === 'valid') return [];
    const [colour, sign] = VALIDITY_SIGNS[verdict];
    return marked(paint(colour, sign), `${verdict}, ${visible(name)}: ${visible(evidence)}`, width);
  });
  return [...broken, ...cut, ...problems];
}

function warningsBlock({ warnings }: RunResult, paint: Paint, width: number): string[] {
  return warnings.flatMap(({ text, advice }) => [
    ...marked(paint('yellow', '!'), visible(text), width),
    ...wrapped(visible(advice), width - 4, '').map((line) => `    ${line}`),
  ]);
}

/** A sign, then text wrapped behind it. */
function marked(sign: string, text: string, width: number): string[] {
  return wrapped(text, width - 2).map((line, index) => `${index === 0 ? sign : ' '} ${line}`);
}
