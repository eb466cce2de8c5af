/**
 * Everything needed to judge and repeat the run: the full plan, the stage, the environment, and the command line.
 * Provenance travels with the numbers.
 */
import type { RunResult } from '../../bench/model/result.ts';
import {
  type Block,
  type Blocks,
  box,
  type Fact,
  facts,
  heading,
  note,
  section,
} from '../document/blocks.ts';
import { type Inline, lines } from '../document/inline.ts';
import { amountText, instantText } from '../figures.ts';
import { reproductionLines } from './reproduce.ts';

/** The sections on plan, environment and how to run it again. */
export function setup(result: RunResult): Blocks {
  const { plan, stage, environment } = result;
  const { faults, ...settings } = plan;
  const { notes: _shownAtTheTop, ...place } = stage;
  const { calibration, ...machine } = environment;
  const driver = [...calibrationFacts(calibration), ...healthFacts(result.driver)];
  // The section on faults says what they are.
  const own = entries({ ...settings, faults: faults?.faults.map(({ name }) => name) ?? null });
  return [
    section(
      'plan',
      'Plan and environment',
      box('columns', [
        box('', titled('Plan', own)),
        box('', [
          titled('Stage', entries(place)),
          titled('Environment', entries(machine)),
          driver.length > 0 && titled('Driver', driver),
          titled('Run', times(result)),
        ]),
      ]),
      'Plan',
    ),
    section('again', 'Run it again', [
      { kind: 'code', lines: reproductionLines(result) },
      note(reproductionNote(result)),
    ]),
  ];
}

const titled = (title: string, pairs: readonly Fact[]): Block[] => [heading(title), facts(pairs)];

function calibrationFacts(calibration: RunResult['environment']['calibration']): Fact[] {
  if (calibration === undefined) return [];
  const { pacing, timerLagP50Ms, timerLagP99Ms, loopFloorMs, ceilingPerSecond, transport } = calibration;
  const over = transport === 'tls' ? ' over TLS' : '';
  return [
    [`lag of the ${pacing} at rest`, `median ${msText(timerLagP50Ms)}, p99 ${msText(timerLagP99Ms)}`],
    ['floor of service time', `median ${msText(loopFloorMs.p50)}, p99 ${msText(loopFloorMs.p99)}`],
    ['ceiling of a thread', `${amountText(ceilingPerSecond)} messages/s${over}`],
  ];
}

function healthFacts(health: RunResult['driver']): Fact[] {
  if (health === undefined) return [];
  const { utilizationMean, utilizationMax, loopDelayP99Ms, loopDelayMaxMs, stealShare } = health;
  const { gcCount, gcMs, gcMaxMs, cpuCoresMax, backlogMaxBytes } = health;
  return [
    ['event loop busy', `mean ${shareText(utilizationMean)}, busiest second ${shareText(utilizationMax)}`],
    ['event loop delay, worst second', `p99 ${msText(loopDelayP99Ms)}, longest ${msText(loopDelayMaxMs)}`],
    ['garbage collections', `${gcCount}, ${msText(gcMs)} in all, longest ${msText(gcMaxMs)}`],
    ['processor cores, busiest second', cpuCoresMax.toFixed(2)],
    ['bytes waiting in sockets, at most', amountText(backlogMaxBytes)],
    ['time withheld by the hypervisor', stealShare === null ? 'unknown' : shareText(stealShare)],
  ];
}

const msText = (value: number): string => `${value.toFixed(2)} ms`;

const shareText = (share: number): string => `${(share * 100).toFixed(1)} %`;

function times({ id, startedAt, measuredFrom, endedAt }: RunResult): Fact[] {
  return [
    ['id', id],
    ['started', instantText(startedAt)],
    ['measured from', instantText(measuredFrom)],
    ['ended', instantText(endedAt)],
  ];
}

function entries(record: object): Fact[] {
  return Object.entries(record).map(([name, value]): Fact => [name, valueText(value)]);
}

/** The entries of a list or an object, each on a line of its own. */
function valueText(value: unknown): Inline {
  if (value === null) return 'none';
  if (typeof value !== 'object') return String(value);
  const all = Array.isArray(value)
    ? value.map(partText)
    : Object.entries(value).map(([key, part]) => `${key} = ${partText(part)}`);
  return all.length === 0 ? 'none' : lines(all);
}

/** In a line: of an object its values, such as kind and name of a function. */
function partText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value ?? 'none');
  const parts = Object.values(value).map(partText);
  return parts.length === 0 ? 'none' : parts.join(Array.isArray(value) ? ', ' : ' ');
}

function reproductionNote({ plan, environment }: RunResult): string {
  const sentences = [
    `Version ${environment.version}, Node ${environment.node}.`,
    plan.headerNames.length > 0 && 'Header values are never recorded: put yours in place of VALUE.',
    // The command line names a file of faults, of which the plan has the content alone.
    plan.faults !== null &&
      'The faults came from a file: add it with --faults. What it held is in result.json under plan.faults.',
    'The seed fixes the schedule, not the network.',
  ];
  return sentences.filter(Boolean).join(' ');
}
