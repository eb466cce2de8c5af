/** The HTML report of a run: its sections in reading order. */

import { pageFrame } from '../document/html.ts';
import { fleetSection } from '../fleet/section.ts';
import { type Html, html } from '../html/html.ts';
import { connections } from './connections.ts';
import { cost } from './cost.ts';
import { faultSection } from './faults.ts';
import { GLOSSARY } from './glossary.ts';
import { headline } from './headline.ts';
import { hops } from './hops.ts';
import { judgement } from './judgement.ts';
import { percentiles } from './latency.ts';
import { ordering } from './ordering.ts';
import type { RunReading } from './reading.ts';
import { setup } from './setup.ts';
import { metrics } from './stage-metrics.ts';
import { timeline } from './timeline.ts';
import { verdictOf } from './verdict.ts';

/** The report of a run, as the text of an HTML file. */
export function renderPage(reading: RunReading): string {
  const { result } = reading;
  return pageFrame({
    title: `${verdictOf(result).word}: ${result.name}`,
    main: html`${headline(reading)}
${contents(reading)}
${percentiles(reading)}
${timeline(result)}
${faultSection(result)}
${metrics(result)}
${hops(result)}
${connections(result)}
${ordering(reading)}
${fleetSection(reading.fleet)}
${judgement(result)}
${cost(result)}
${setup(result)}
${glossary()}`,
    footer: footer(),
  });
}

function contents({ result, fleet }: RunReading): Html {
  const links = [
    ['latency', 'Latency'],
    ['time', 'Over time'],
    ...(result.faults === undefined || result.faults.length === 0 ? [] : [['faults', 'Faults']]),
    ['metrics', 'Stage metrics'],
    ...(result.latency.hops === null && !result.plan.trace ? [] : [['hops', 'Hops']]),
    ['connections', 'Connections'],
    ['ordering', 'Order and loss'],
    ...(fleet === undefined ? [] : [['fleet', 'Fleet']]),
    ['thresholds', 'Thresholds'],
    ['validity', 'Validity'],
    ['warnings', 'Warnings'],
    ...(result.cost === null ? [] : [['cost', 'Cost']]),
    ['plan', 'Plan'],
    ['again', 'Run it again'],
    ['glossary', 'Glossary'],
  ] as const;
  return html`<nav aria-label="Contents"><ul>${links.map(([id = '', name = '']) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>`;
}

function glossary(): Html {
  return html`<section aria-labelledby="glossary">
<h2 id="glossary">Glossary</h2>
<dl class="glossary">${GLOSSARY.map(({ term, meaning }) => html`<dt>${term}</dt><dd>${meaning}</dd>\n`)}</dl>
</section>
`;
}

function footer(): Html {
  return html`Made from this directory’s <a href="result.json">result.json</a> and latency.hlog by serverless-websocket-bench; <code>npm run report -- DIRECTORY</code> makes it again.`;
}
