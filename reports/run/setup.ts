/**
 * Everything needed to judge and repeat the run: the full plan, the stage, the environment, and the command line.
 * Provenance travels with the numbers.
 */
import type { RunResult } from '../../bench/model/result.ts';
import { amountText, instantText } from '../figures.ts';
import { type Content, type Html, html, NOTHING } from '../html/html.ts';
import { facts } from '../html/table.ts';
import { reproductionLines } from './reproduce.ts';

/** The sections on plan, environment and how to run it again. */
export function setup(result: RunResult): Html {
  return html`<section aria-labelledby="plan">
<h2 id="plan">Plan and environment</h2>
<div class="columns">
<div><h3>Plan</h3>${facts(entries(withFaultNames(result.plan)))}</div>
<div><h3>Stage</h3>${facts(entries(withoutNotes(result.stage)))}<h3>Environment</h3>${facts(entries(withoutCalibration(result.environment)))}${driver(result)}<h3>Run</h3>${facts(times(result))}</div>
</div>
</section>
${reproduction(result)}`;
}

/** Faults by name; the section on faults says what they are. */
function withFaultNames({ faults, ...rest }: RunResult['plan']): object {
  return { ...rest, faults: faults?.faults.map(({ name }) => name) ?? null };
}

function withoutNotes({ notes: _shownAtTheTop, ...rest }: RunResult['stage']): object {
  return rest;
}

function withoutCalibration({ calibration: _shownBeside, ...rest }: RunResult['environment']): object {
  return rest;
}

/** What the driver can do on its machine, and how it fared; nothing of a result without either. */
function driver({ environment, driver: health }: RunResult): Html {
  const rows = [...calibrationFacts(environment.calibration), ...healthFacts(health)];
  return rows.length === 0 ? NOTHING : html`<h3>Driver</h3>${facts(rows)}`;
}

function calibrationFacts(calibration: RunResult['environment']['calibration']): [string, Content][] {
  if (calibration === undefined) return [];
  const { pacing, timerLagP50Ms, timerLagP99Ms, loopFloorMs, ceilingPerSecond, transport } = calibration;
  return [
    [`lag of the ${pacing} at rest`, `median ${msText(timerLagP50Ms)}, p99 ${msText(timerLagP99Ms)}`],
    ['floor of service time', `median ${msText(loopFloorMs.p50)}, p99 ${msText(loopFloorMs.p99)}`],
    [
      'ceiling of a thread',
      `${amountText(ceilingPerSecond)} messages/s${transport === 'tls' ? ' over TLS' : ''}`,
    ],
  ];
}

function healthFacts(health: RunResult['driver']): [string, Content][] {
  if (health === undefined) return [];
  const shares = `mean ${shareText(health.utilizationMean)}, busiest second ${shareText(health.utilizationMax)}`;
  const pauses = `${health.gcCount}, ${msText(health.gcMs)} in all, longest ${msText(health.gcMaxMs)}`;
  const delays = `p99 ${msText(health.loopDelayP99Ms)}, longest ${msText(health.loopDelayMaxMs)}`;
  return [
    ['event loop busy', shares],
    ['event loop delay, worst second', delays],
    ['garbage collections', pauses],
    ['processor cores, busiest second', health.cpuCoresMax.toFixed(2)],
    ['bytes waiting in sockets, at most', amountText(health.backlogMaxBytes)],
    [
      'time withheld by the hypervisor',
      health.stealShare === null ? 'unknown' : shareText(health.stealShare),
    ],
  ];
}

const msText = (value: number): string => `${value.toFixed(2)} ms`;

const shareText = (share: number): string => `${(share * 100).toFixed(1)} %`;

function times({ id, startedAt, measuredFrom, endedAt }: RunResult): [string, string][] {
  return [
    ['id', id],
    ['started', instantText(startedAt)],
    ['measured from', instantText(measuredFrom)],
    ['ended', instantText(endedAt)],
  ];
}

function entries(record: object): [string, Content][] {
  return Object.entries(record).map(([name, value]) => [name, valueContent(value)]);
}

function valueContent(value: unknown): Content {
  if (value === null) return 'none';
  if (Array.isArray(value))
    return value.length === 0 ? 'none' : value.map((item) => html`<div>${String(item)}</div>`);
  if (typeof value !== 'object') return String(value);
  const pairs = Object.entries(value);
  return pairs.length === 0 ? 'none' : pairs.map(([key, item]) => html`<div>${key} = ${String(item)}</div>`);
}

function reproduction(result: RunResult): Html {
  const { plan, environment } = result;
  const lines = reproductionLines(result).map((line, index) => html`${index === 0 ? '' : LINE_BREAK}${line}`);
  return html`<section aria-labelledby="again">
<h2 id="again">Run it again</h2>
<pre tabindex="0"><code>${lines}</code></pre>
<p class="note">Version ${environment.version}, Node ${environment.node}. ${headerNote(plan.headerNames)}${faultNote(plan)}The seed fixes the schedule, not the network.</p>
</section>
`;
}

const LINE_BREAK = html`
`;

/** The command line names a file of faults, of which the plan has the content alone. */
function faultNote({ faults }: RunResult['plan']): string {
  return faults === null
    ? ''
    : 'The faults came from a file: add it with --faults. What it held is in result.json under plan.faults. ';
}

function headerNote(names: readonly string[]): string {
  return names.length === 0 ? '' : 'Header values are never recorded: put yours in place of VALUE. ';
}
