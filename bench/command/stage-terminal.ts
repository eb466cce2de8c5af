/** How the stage commands speak: events as lines, colours and questions on a terminal only. */
import { createInterface } from 'node:readline/promises';
import { styleText } from 'node:util';
import type { Account, Identity } from '../../stack/aws/account.ts';
import { type CostEstimate, dollars } from '../../stack/aws/cost.ts';
import type { StackEvent } from '../../stack/aws/stack-operation.ts';
import { pricesText } from '../model/prices-text.ts';
import { visible } from '../model/visible.ts';
import { printable, printStyled } from '../node/terminal.ts';
import type { Interruption } from './interruption.ts';

/** Whether a person is there to answer. */
export function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** One line per event: UTC time, status, resource, type, reason. */
export function eventLine(
  { timeMs, status, logicalId, type, reason }: StackEvent,
  isColoured: boolean,
): string {
  const time = new Date(timeMs).toISOString().slice(11, 19);
  const padded = visible(status).padEnd(27);
  const told = isColoured ? styleText(colourOf(status), padded) : padded;
  const why = reason === '' ? '' : `  ${visible(reason.replaceAll(/\s+/g, ' '))}`;
  return `${time}  ${told}  ${visible(logicalId).padEnd(20)}  ${visible(type)}${why}`;
}

function colourOf(status: string): 'red' | 'green' | 'yellow' {
  if (/FAILED|ROLLBACK/.test(status)) return 'red';
  return status.endsWith('_COMPLETE') ? 'green' : 'yellow';
}

export function sayEvent(event: StackEvent): void {
  const isColoured = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  printStyled([eventLine(event, isColoured)]);
}

/** Asks a question that `y` or `yes` answers; anything else is no. Rejects when interrupted. */
export async function confirmed(question: string, { signal, interrupt }: Interruption): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  // While a prompt is open Ctrl-C is a key like any other.
  prompt.once('SIGINT', interrupt);
  const closed = new Promise<string>((resolve) => prompt.once('close', () => resolve('')));
  try {
    const answer = await Promise.race([prompt.question(`${printable(question)} [y/N] `, { signal }), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}

/** Who acts where. */
export function identityLine({ account, arn, region, endpoint }: Identity): string {
  const where = endpoint === null ? '' : ` at ${endpoint} instead of AWS`;
  return `account ${account} as ${arn}, region ${region}${where}`;
}

/** What a stack costs while nobody uses it. */
export function idleCostLine(cost: CostEstimate, { isLocal }: Account): string {
  const { total, items, notes } = cost;
  const parts = items.map(
    ({ label, quantity, cost }) => `${label} ${quantity} × ${dollars(cost / quantity)}`,
  );
  const made = parts.length === 0 ? '' : ` (${parts.join(', ')})`;
  const where = isLocal ? '; the local endpoint bills nothing' : '';
  const remarks = notes.map((note) => `; ${note}`).join('');
  return `idle cost about ${dollars(total)} an hour${made}, billed for every hour that is begun, ${pricesText(cost)}, without free tiers${where}${remarks}`;
}

/** Pairs as aligned lines. */
export function pairLines(pairs: Readonly<Record<string, string>>): string[] {
  const width = Math.max(0, ...Object.keys(pairs).map((key) => key.length));
  return Object.entries(pairs).map(([key, value]) => `  ${key.padEnd(width)}  ${value}`);
}
