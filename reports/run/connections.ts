/** The connections of the run: how many were asked for, how many came about, why others did not, and how long it took. */
import type { RunResult } from '../../bench/model/result.ts';
import { type Blocks, count, type Fact, facts, section, table, word } from '../document/blocks.ts';
import { code } from '../document/inline.ts';
import { countText } from '../figures.ts';
import { quantileTable } from './quantiles.ts';

/** The section on connections. */
export function connections({ connections: c }: RunResult): Blocks {
  return section('connections', 'Connections', [
    facts([
      ['requested', countText(c.requested)],
      ['opened', countText(c.opened)],
      ['failed', countText(c.failed)],
      ['closed early', countText(c.closedEarly)],
      ...replacements(c),
    ]),
    failures(c),
    quantileTable('Time to open a connection in milliseconds', [{ name: 'connect', quantiles: c.connect }]),
  ]);
}

/** Shown of a run that opened connections again. */
function replacements(c: RunResult['connections']): Fact[] {
  const all: [string, number][] = [
    ['answered with 429 and tried again', c.throttled ?? 0],
    ['reconnected', c.reconnects],
    ['closed for churn', c.churned],
    ['reopened after churn', c.reopened],
    ['churn missed', c.churnMissed],
    ['messages refused meanwhile', c.refusedInChurn],
  ];
  const seen = all.filter(([, times]) => times > 0);
  const dials: [string, number][] = seen.length === 0 ? [] : [['dials', c.attempts ?? 0]];
  return [...dials, ...seen].map(([name, times]): Fact => [name, countText(times)]);
}

function failures({ failures: byCode, details }: RunResult['connections']): Blocks {
  const rows = Object.entries(byCode).sort(([, a], [, b]) => b - a);
  return (
    rows.length > 0 &&
    table('Failures and early closes by code', rows, [
      word('code', ([name]) => code(name)),
      count('connections', ([, times]) => times),
      details !== undefined && word('first said', ([name]) => details[name] ?? ''),
    ])
  );
}

/** The same in a line. */
export function connectionText(c: RunResult['connections']): string {
  const codes = Object.entries(c.failures).map(([name, times]) => `${name} ${countText(times)}`);
  const parts = [
    `${countText(c.opened)} of ${countText(c.requested)} opened`,
    `${countText(c.failed)} failed`,
    `${countText(c.closedEarly)} closed early`,
    c.reconnects > 0 && `${countText(c.reconnects)} reconnected`,
    c.churned > 0 && `${countText(c.churned)} churned`,
  ];
  return `${parts.filter(Boolean).join(', ')}${codes.length === 0 ? '' : ` (${codes.join(', ')})`}`;
}
