/**
 * The top of the report: what was run, the verdict and its reasons, and only then the figures. Someone who missed the
 * run reads this and may stop.
 */
import { judgedLatency } from '../../bench/judge/judged-latency.ts';
import type { RunResult } from '../../bench/model/result.ts';
import { ABSENT, amountText, counted, countText, durationText, instantText, ratioText } from '../figures.ts';
import { type Content, type Html, html, NOTHING } from '../html/html.ts';
import { deliveryBase, unexpectedTotal, type ViolationCount, violationCounts } from './counts.ts';
import { faultBanner } from './fault-text.ts';
import type { RunReading } from './reading.ts';
import { verdictOf } from './verdict.ts';

/** Title, verdict, gaps and headline figures. */
export function headline(reading: RunReading): Html {
  const { result } = reading;
  return html`<header>
<p class="kicker">WebSocket benchmark</p>
<h1>${result.name}</h1>
<p class="subtitle">${subtitle(result)}</p>
</header>
${banner(result)}
${faulty(result)}
${gaps(reading.gaps)}
<section aria-labelledby="figures">
<h2 id="figures" class="unseen">Headline figures</h2>
<div class="tiles">${latencyTiles(result)}</div>
<div class="tiles">${countTiles(reading)}</div>
${leftovers(result)}${stageNotes(result)}
</section>
`;
}

function subtitle({ plan, stage, startedAt }: RunResult): string {
  const load =
    plan.load.kind === 'open'
      ? `${countText(plan.load.ratePerSecond)} messages/s (${plan.load.arrival})`
      : `${plan.load.inFlight} in flight per connection (closed loop)`;
  const connections = counted(plan.connections, 'connection');
  return `${stageText(stage)} · ${connections} · ${load} · ${durationText(plan.durationMs)} · ${instantText(startedAt)}`;
}

function stageText({ kind, name, region, profile }: RunResult['stage']): string {
  if (kind === 'local') return profile === null ? 'Local stage' : `Local stage, profile ${profile}`;
  return kind === 'aws' ? `AWS stack ${name}${region === null ? '' : ` in ${region}`}` : `Stage ${name}`;
}

function banner(result: RunResult): Html {
  const { status, word, meaning, reasons } = verdictOf(result);
  const lines = [...reasons, ...firstWarnings(result)];
  const list = lines.length === 0 ? NOTHING : html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
  return html`<section class="banner ${status}" aria-labelledby="verdict">
<h2 id="verdict"><span class="sign" aria-hidden="true">${SIGNS[status]}</span> ${word}</h2>
<p>${meaning}</p>
${list}
</section>`;
}

function faulty(result: RunResult): Html {
  const words = faultBanner(result);
  if (words === null) return NOTHING;
  const link = (result.faults ?? []).length > 0 ? html` <a href="#faults">Which, and when</a>.` : NOTHING;
  return html`<section class="gaps faulty" aria-label="Injected faults"><p>${words}${link}</p></section>`;
}

const SIGNS = { pass: '✓', measured: '–', 'threshold-failed': '✗', partial: '◐', invalid: '!' } as const;

/** What the driver noticed is often why a threshold failed, so the first warnings stand beside it. */
function firstWarnings({ warnings }: RunResult): Html[] {
  const lines = warnings
    .slice(0, MAX_WARNINGS)
    .map(({ text }) => html`<a href="#warnings">Warning</a>: ${text}`);
  const more = warnings.length - lines.length;
  return more > 0 ? [...lines, html`<a href="#warnings">${counted(more, 'more warning')}</a>.`] : lines;
}

const MAX_WARNINGS = 3;

function gaps(sentences: readonly string[]): Html {
  if (sentences.length === 0) return NOTHING;
  return html`<section class="gaps" aria-label="Incomplete data"><p>Not all data of this run could be read:</p>
<ul>${sentences.map((gap) => html`<li>${gap}</li>`)}</ul></section>`;
}

const MEANINGS = {
  p50: '1 in 2 took longer',
  p90: '1 in 10 took longer',
  p95: '1 in 20 took longer',
  p99: '1 in 100 took longer',
  p999: '1 in 1,000 took longer',
  max: 'the slowest of all delivered',
} as const;

const USUAL: readonly string[] = ['p50', 'p95', 'p99', 'max'];

/** The usual ones and those that a threshold names; where it does, a usual one that can't be stated gives way. */
function latencyTiles({ latency, thresholds }: RunResult): Html[] {
  const named = thresholds
    .map(({ expression }) => judgedLatency([expression]))
    .flatMap(({ expression, series, statistic }) =>
      expression !== null && series === 'response' ? [statistic] : [],
    );
  return (Object.keys(MEANINGS) as (keyof typeof MEANINGS)[])
    .filter(
      (name) =>
        named.includes(name) ||
        (USUAL.includes(name) && (named.length === 0 || latency.response[name] !== null)),
    )
    .map((name) =>
      latencyTile(`Response ${name === 'p999' ? 'p99.9' : name}`, latency.response[name], MEANINGS[name]),
    );
}

function latencyTile(name: string, ms: number | null, meaning: string): Html {
  const value = ms === null ? ABSENT : html`${amountText(ms)}<span class="unit"> ms</span>`;
  return tile(name, value, ms === null ? 'too few samples to state' : meaning);
}

function tile(name: string, value: Content, meaning: Content, tone = ''): Html {
  return html`<div class="tile ${tone}"><p class="name">${name}</p><p class="value">${value}</p><p class="meaning">${meaning}</p></div>
`;
}

function countTiles(reading: RunReading): Html[] {
  const { result } = reading;
  const { delivered } = result.messages;
  const { of, ofWhat } = deliveryBase(reading);
  const meaning =
    of === 0 ? 'nothing was scheduled' : `${ratioText(delivered / of)} of ${countText(of)} ${ofWhat}`;
  return [tile('Delivered', countText(delivered), meaning), ...mainViolations(result).map(violationTile)];
}

function mainViolations(result: RunResult): ViolationCount[] {
  return violationCounts(result).filter(({ name }) => name !== 'Unexpected');
}

function violationTile({ name, count, of, ofWhat }: ViolationCount): Html {
  const value = of === 0 ? ABSENT : countText(count);
  const meaning =
    count > 0 && of > 0
      ? `${ratioText(count / of)} of ${countText(of)} ${ofWhat}`
      : `of ${countText(of)} ${ofWhat}${of < 3 ? '' : `; fewer than 3 in ${countText(of)} at 95 % confidence`}`;
  return tile(name, value, meaning, count > 0 ? 'seen' : '');
}

/** Classes that are nearly always zero: named only when they are not. */
function leftovers({ messages, connections }: RunResult): Html {
  const parts = [
    [messages.refused, 'message', 'refused before sending'],
    [messages.indeterminate, 'message', 'indeterminate (connection died)'],
    [unexpectedTotal(messages.unexpected), 'arrival', 'unexpected'],
    [connections.failed, 'connection', 'not opened'],
    [connections.closedEarly, 'connection', 'closed early'],
  ] as const;
  const seen = parts
    .filter(([count]) => count > 0)
    .map(([count, noun, what]) => `${counted(count, noun)} ${what}`);
  return seen.length === 0
    ? NOTHING
    : html`<p class="leftovers"><strong>Also:</strong> ${seen.join(' · ')}.</p>`;
}

function stageNotes({ stage }: RunResult): Html {
  if (stage.notes.length === 0) return NOTHING;
  return html`<ul class="stage-notes">${stage.notes.map((note) => html`<li>${note}</li>`)}</ul>`;
}
