/** The report of a run as a document: its sections in reading order. */
import type { RunResult } from '../../bench/model/result.ts';
import { CONTENTS, type Document, facts, page, section, text } from '../document/blocks.ts';
import { link } from '../document/inline.ts';
import { renderTerminal, type TerminalOptions } from '../document/terminal.ts';
import { visible } from '../escape.ts';
import { counted, countText, durationText, instantText } from '../figures.ts';
import { fleetSection } from '../fleet/section.ts';
import { nodeText, stageText } from '../provenance.ts';
import { connections } from './connections.ts';
import { cost, costText } from './cost.ts';
import { NO_DISTRIBUTION } from './distribution.ts';
import { faultSection } from './faults.ts';
import { GLOSSARY } from './glossary.ts';
import { countFacts, headline, verdict } from './headline.ts';
import { hops } from './hops.ts';
import { judgement } from './judgement.ts';
import { latency } from './latency.ts';
import { ordering } from './ordering.ts';
import type { RunReading } from './reading.ts';
import { setup } from './setup.ts';
import { stageMetrics } from './stage-metrics.ts';
import { timeline } from './timeline.ts';
import { verdictOf } from './verdict.ts';

/** The report of a run. */
export function runDocument(reading: RunReading): Document {
  const { result, fleet } = reading;
  const { plan, stage, startedAt, environment } = result;
  const bill = result.cost;
  return {
    kind: '',
    madeFrom: [link('result.json', 'result.json'), ' and latency.hlog'],
    heading: `${verdictOf(result).word}: ${result.name}`,
    title: result.name,
    subtitle: [
      stageText(stage),
      counted(plan.connections, 'connection'),
      loadText(plan),
      durationText(plan.durationMs),
      instantText(startedAt),
    ],
    provenance: [nodeText(environment)],
    styles: fleet === undefined ? [] : ['../fleet/fleet.css'],
    blocks: [
      verdict(reading),
      page(() => [headline(reading), CONTENTS]),
      latency(reading),
      text(() => countFacts(reading)),
      page(() => timeline(result)),
      faultSection(result),
      page(() => stageMetrics(result)),
      hops(result),
      page(() => [connections(result), ordering(reading)]),
      fleet !== undefined && page(() => fleetSection(fleet)),
      bill !== null && text(() => facts([['cost', costText(bill)]])),
      judgement(result),
      page(() => [
        cost(result),
        setup(result),
        section('glossary', 'Glossary', facts(GLOSSARY.map(({ term, meaning }) => [term, meaning] as const))),
      ]),
    ],
  };
}

function loadText({ load }: RunResult['plan']): string {
  return load.kind === 'open'
    ? `${countText(load.ratePerSecond)} messages/s (${load.arrival})`
    : `${load.inFlight} in flight per connection (closed loop)`;
}

/** The closing summary of a run in the terminal, line by line; where it is to be brief, the verdict and the first reason. */
export function summaryLines(
  result: RunResult,
  options: TerminalOptions & { readonly isBrief?: boolean },
): string[] {
  if (options.isBrief === true) return [briefVerdict(result)];
  const distributions = { response: NO_DISTRIBUTION, service: NO_DISTRIBUTION };
  const reading = { result, distributions, violations: [], violationsTotal: 0, gaps: [] };
  return renderTerminal(runDocument(reading), options);
}

function briefVerdict(result: RunResult): string {
  const { word, meaning, reasons } = verdictOf(result);
  return visible([`${word}  ${result.name}: ${meaning}`, ...reasons.slice(0, 1)].join(' '));
}
