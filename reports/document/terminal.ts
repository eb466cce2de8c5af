/**
 * A document in the terminal: plain lines, at most `width` columns where words can be wrapped; tables are aligned and not wrapped.
 * Colour only marks verdicts and never carries meaning alone. Text is made visible first, so it can't move the cursor.
 */
import { stripVTControlCharacters, styleText } from 'node:util';
import { visible } from '../escape.ts';
import {
  type Block,
  type Blocks,
  blocksFor,
  type Callout,
  type Document,
  type Fact,
  type Status,
  type Table,
  tableFor,
} from './blocks.ts';
import { type Inline, signed, type Tone, written } from './inline.ts';

/** How the document is to look. */
export interface TerminalOptions {
  readonly colour: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

/** Narrower than this, wrapping makes text harder to read, not easier. */
const MIN_WIDTH = 40;

/** Rows of a table and items of a list before the rest is left to the report. */
const MAX_LISTED = 20;

/** Room for the name of a fact; a longer one takes what it needs. */
const NAME_WIDTH = 14;

type Colour = 'green' | 'red' | 'yellow' | 'dim';

const STATUS_COLOURS: Readonly<Record<Status, Colour>> = {
  pass: 'green',
  measured: 'yellow',
  'threshold-failed': 'red',
  partial: 'yellow',
  invalid: 'red',
};

const TONES: Readonly<Record<Tone, readonly [sign: string, colour: Colour]>> = {
  good: ['✓', 'green'],
  bad: ['✗', 'red'],
  unsure: ['?', 'yellow'],
  quiet: ['', 'dim'],
};

interface Page {
  readonly said: (inline: Inline) => string;
  readonly width: number;
  readonly colour: boolean;
}

/** The document, line by line, without line ends. */
export function renderTerminal({ blocks }: Pick<Document, 'blocks'>, options: TerminalOptions): string[] {
  const { colour } = options;
  const paint = (name: Colour, text: string) =>
    colour ? styleText(name, text, { validateStream: false }) : text;
  const said = (inline: Inline) =>
    written(inline, {
      format: 'terminal',
      text: visible,
      span: (look, inner) => (look === 'unseen' ? '' : inner),
      mark: (tone, sign, inner) => {
        const [own, name] = TONES[tone];
        const shown = sign ?? own;
        return signed(shown === '' ? '' : paint(name, shown), inner);
      },
      link: (_, inner) => inner,
      lineBreak: '\n',
    });
  const page = { said, colour, width: Math.max(options.width, MIN_WIDTH) };
  return paragraphs(blocks, page).flatMap((lines) => ['', ...lines]);
}

/** Groups of lines, to be set apart. */
function paragraphs(blocks: Blocks, page: Page): string[][] {
  return blocksFor('terminal', blocks)
    .flatMap((block) => blockParagraphs(block, page))
    .filter((lines) => lines.length > 0);
}

function blockParagraphs(block: Exclude<Block, { kind: 'only' }>, page: Page): string[][] {
  switch (block.kind) {
    case 'section':
    case 'box':
      return paragraphs(block.blocks, page);
    case 'callout':
      return [calloutLines(block, page)];
    case 'heading':
      return [[page.said(block.text)]];
    case 'prose':
      return [itemLines(block.text, page, '')];
    case 'list':
      return [limited(block.items.map((item) => itemLines(item, page, '  '))).flat()];
    case 'facts':
      return [block.facts.flatMap((fact) => factLines(fact, page))];
    case 'table':
      return [tableLines(block, page)];
    case 'code':
      return [block.lines.map(visible)];
    default:
      return [];
  }
}

/** The verdict with what was judged, then what it means. */
function calloutLines({ status, head, name, text }: Callout, { said, width, colour }: Page): string[] {
  const [meaning = '', ...rest] = text.map(said);
  const word = visible(head);
  const [first = '', ...more] = wrapped(`${word}  ${visible(name)}: ${meaning}`, width, '  ');
  const style = ['bold', STATUS_COLOURS[status]] as const;
  const painted = colour ? styleText([...style], word, { validateStream: false }) : word;
  const isWhole = first.startsWith(word);
  return [
    isWhole ? painted + first.slice(word.length) : first,
    ...more,
    ...rest.flatMap((sentence) => wrapped(sentence, width)),
  ];
}

/** Text wrapped behind its first word, which may be a sign; what stands on lines of its own is indented further. */
function itemLines(text: Inline, { said, width }: Page, indent: string): string[] {
  const [first = '', ...rest] = said(text).split('\n');
  return [
    ...wrapped(first, width, indent),
    ...rest.flatMap((line) => wrapped(line, width - 4).map((part) => `    ${part}`)),
  ];
}

function factLines([name, value]: Fact, { said, width }: Page): string[] {
  const label = said(name).padEnd(NAME_WIDTH - 2);
  const room = width - label.length - 2;
  return wrapped(said(value), room).map(
    (line, index) => `${index === 0 ? label : ' '.repeat(label.length)}  ${line}`,
  );
}

function limited(items: readonly string[][]): string[][] {
  const left = items.length - MAX_LISTED;
  return left > 0 ? [...items.slice(0, MAX_LISTED), [`and ${left} more`]] : [...items];
}

/** Words at the left, numbers at the right; a first column without a label has the caption in its place. */
function tableLines(whole: Table, { said }: Page): string[] {
  const { caption, columns, rows } = tableFor('terminal', whole);
  if (rows.length === 0) return [];
  const head = columns.map(({ label }, index) => said(index === 0 && label === '' ? caption : label));
  const cells = [head, ...rows.map((row) => row.map(said))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => widthOf(row[column] ?? ''))));
  const aligned = cells.map((row) =>
    row
      .map((cell, index) => padded(cell, widths[index]!, columns[index]!.isWord || index === 0))
      .join('  ')
      .trimEnd(),
  );
  return [aligned[0]!, ...limited(aligned.slice(1).map((line) => [line])).flat()];
}

const widthOf = (text: string): number => stripVTControlCharacters(text).length;

function padded(text: string, width: number, isWord: boolean): string {
  const room = ' '.repeat(Math.max(0, width - widthOf(text)));
  return isWord ? text + room : room + text;
}

/**
 * Wraps a text to lines of at most `width` characters; a longer word stays whole, so that it can be copied. Lines after the first
 * begin with `indent`, and those spaces that the text itself begins with are kept.
 */
export function wrapped(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const isFull = line.trim() !== '' && widthOf(line) + 1 + widthOf(word) > width;
    if (isFull) lines.push(line);
    line = isFull ? indent + word : lines.length === 0 && line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
