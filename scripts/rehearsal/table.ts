/** The table of what was survived, for a terminal and as Markdown. */
import { styleText } from 'node:util';
import { SHORTENED } from './stages.ts';
import type { Row } from './step.ts';

/** Said above every table. */
export const HEADER = `AWS's minutes are seconds here (×1/${SHORTENED}), its quotas and rules are its own; nothing left this machine.`;

const MOST_WIDTH = 110;

/** What the table comes to, a sentence. `total` are the steps that there are. */
export function conclusion(rows: readonly Row[], total: number, seconds: number): string {
  const survived = rows.filter((row) => row.survived).length;
  const minutes = `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  const open = total === rows.length ? '' : `; ${total - rows.length} were not rehearsed`;
  return `${survived} of ${total} survived in ${minutes}${open}`;
}

/** Rows as blocks of lines: a terminal is too narrow for so many columns. */
export function terminalTable(rows: readonly Row[], columns: number): string[] {
  const width = Math.min(columns, MOST_WIDTH);
  return rows.flatMap(({ name, command, trap, aws, duty, survived, evidence, seconds }) => [
    '',
    styleText(survived ? 'green' : 'red', `${survived ? '✓' : '✗'} ${name}`) +
      styleText('dim', `  ${seconds.toFixed(1)} s`),
    ...labelled('command', command, width),
    ...labelled('trap', trap, width),
    ...labelled('AWS', aws, width),
    ...labelled('must', duty, width),
    ...labelled('seen', evidence, width),
  ]);
}

/** The same for a page. */
export function markdownTable(rows: readonly Row[], ending: string): string {
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const lines = rows.map(({ name, command, trap, aws, duty, survived, evidence, seconds }) => {
    const cells = [
      name,
      `\`${command}\``,
      trap,
      aws,
      duty,
      evidence,
      seconds.toFixed(1),
      survived ? '✓' : '✗',
    ];
    return `| ${cells.map(cell).join(' | ')} |`;
  });
  const columns = ['step', 'command', 'trap that was set', 'AWS', 'the command must', 'evidence', 's', ''];
  return [
    '# What was survived',
    '',
    `${HEADER} ${ending}.`,
    '',
    `| ${columns.join(' | ')} |`,
    '|---|---|---|---|---|---|--:|---|',
    ...lines,
    '',
  ].join('\n');
}

const LABEL_WIDTH = 9;

function labelled(label: string, text: string, width: number): string[] {
  return wrapped(text, width - LABEL_WIDTH - 2).map(
    (line, index) => `  ${(index === 0 ? label : '').padEnd(LABEL_WIDTH)}${line}`,
  );
}

/** Lines of whole words. */
function wrapped(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}
