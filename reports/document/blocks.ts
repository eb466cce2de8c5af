/**
 * A document: blocks in reading order, told once for every format. HTML shows all of them; Markdown, for a job's page or a pull
 * request, and the terminal show what is not marked as the page's alone. A table's column is declared once: its label, what
 * kind of figure it has, and where a row has it.
 */
import { ABSENT, amountText, countText, dollarText } from '../figures.ts';
import type { Chart } from './chart.ts';
import { coloured, type Format, type Html, type Inline } from './inline.ts';

/** What a document comes to. It names the colours of the banner too. */
export type Status = 'pass' | 'measured' | 'threshold-failed' | 'partial' | 'invalid';

export interface Document {
  /** Of which the page's footer says that it was made: `capacity.json`. */
  readonly madeFrom: Inline;
  /** Such as "sweep"; empty for a run. */
  readonly kind: string;
  /** As the browser's window has it. */
  readonly heading: string;
  readonly title: string;
  readonly subtitle: readonly string[];
  /** What Markdown says below the subtitle, for it has no section on how it came about. */
  readonly provenance?: readonly string[];
  /** Own style sheets beside the common one. */
  readonly styles?: readonly string[];
  readonly blocks: Blocks;
}

export type Block =
  | Section
  | Callout
  | Table
  | { readonly kind: 'heading'; readonly text: Inline }
  | { readonly kind: 'prose'; readonly text: Inline; readonly look: string }
  | { readonly kind: 'list'; readonly items: readonly Inline[]; readonly look: string }
  | { readonly kind: 'facts'; readonly facts: readonly Fact[]; readonly look: string }
  | { readonly kind: 'figure'; readonly figure: Figure }
  | { readonly kind: 'tiles'; readonly tiles: readonly Tile[] }
  | { readonly kind: 'code'; readonly lines: readonly string[] }
  | { readonly kind: 'fold'; readonly summary: Inline; readonly blocks: Blocks; readonly isOpen: boolean }
  | { readonly kind: 'drawing'; readonly title: string; readonly blocks: Blocks }
  | { readonly kind: 'box'; readonly look: string; readonly blocks: Blocks }
  | { readonly kind: 'contents' }
  | { readonly kind: 'only'; readonly formats: readonly Format[]; readonly blocks: () => Blocks }
  | Html;

/** Blocks, lists of them, and nothing where a condition does not hold. */
export type Blocks = Block | null | false | readonly Blocks[];

export interface Section {
  readonly kind: 'section';
  readonly id: string;
  readonly title: Inline;
  /** As the contents name it; the title when left out. */
  readonly short: Inline;
  readonly blocks: Blocks;
  /** Its title is for screen readers; the contents leave it out. */
  readonly isUntitled: boolean;
}

/** The verdict. Text formats have no title, so the name of what was judged stands with it. */
export interface Callout {
  readonly kind: 'callout';
  readonly id: string;
  readonly status: Status;
  /** In place of the status's own. */
  readonly sign?: string;
  readonly head: string;
  readonly name: string;
  readonly text: readonly Inline[];
  readonly list: readonly Inline[];
}

export type Fact = readonly [name: Inline, value: Inline];

/** A chart with everything around it. */
export interface Figure {
  readonly title: string;
  /** What it shows in a sentence, for those who can't see it. */
  readonly description: string;
  readonly note?: Inline;
  readonly height: 'tall' | 'medium' | 'small';
  readonly chart: Chart;
  readonly data: Table;
}

/** A figure of the headline. */
export interface Tile {
  readonly name: string;
  readonly value: Inline;
  readonly meaning: Inline;
  /** Whether something was seen that should not be. */
  readonly isSeen?: boolean;
}

/** A value with its unit set smaller; a dash has none. */
export function withUnit(value: string, unit: string): Inline {
  return value === ABSENT ? ABSENT : [value, coloured('unit', ` ${unit}`)];
}

/** A table, its cells made. The first cell of a row is its heading. */
export interface Table {
  readonly kind: 'table';
  readonly caption: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly Inline[])[];
}

export interface TableColumn {
  readonly label: Inline;
  readonly isWord: boolean;
  readonly formats: readonly Format[];
}

/** A column and where a row has it. */
export interface Column<Row> extends TableColumn {
  readonly of: (row: Row, index: number) => Inline;
}

type Of<Row, Value> = (row: Row, index: number) => Value;

const ALL: readonly Format[] = ['html', 'markdown', 'terminal'];
const TEXT: readonly Format[] = ['markdown', 'terminal'];

const column =
  (isWord: boolean) =>
  <Row>(label: Inline, of: Of<Row, Inline>): Column<Row> => ({ label, of, isWord, formats: ALL });

/** Columns of words, and of figures by their format: an absent one is a dash. */
export const word = column(true);
export const figureOf = column(false);
export const count = <Row>(label: Inline, of: Of<Row, number>): Column<Row> =>
  figureOf(label, (row, index) => countText(of(row, index)));
export const amount = <Row>(label: Inline, of: Of<Row, number | null>): Column<Row> =>
  figureOf(label, (row, index) => amountText(of(row, index)));
export const money = <Row>(label: Inline, of: Of<Row, number | null | undefined>): Column<Row> =>
  figureOf(label, (row, index) => dollarText(of(row, index)));
/** A column that only the page has room for. */
export const pageColumn = <Row>(column: Column<Row>): Column<Row> => ({ ...column, formats: ['html'] });
/** A column for those formats alone that the page tells in another way. */
export const textColumn = <Row>(column: Column<Row>): Column<Row> => ({ ...column, formats: TEXT });

/** A table of rows; columns that are null are left out. */
export function table<Row>(
  caption: string,
  rows: readonly Row[],
  columns: readonly (Column<Row> | null | false)[],
): Table {
  const own = columns.filter((column) => column !== null && column !== false);
  return {
    kind: 'table',
    caption,
    columns: own.map(({ label, isWord, formats }) => ({ label, isWord, formats })),
    rows: rows.map((row, index) => own.map(({ of }) => of(row, index))),
  };
}

export function section(id: string, title: Inline, blocks: Blocks, short: Inline = title): Section {
  return { kind: 'section', id, title, short, blocks, isUntitled: false };
}

/** A section whose title only a screen reader needs. */
export function untitled(id: string, title: string, blocks: Blocks): Section {
  return { ...section(id, title, blocks), isUntitled: true };
}

/** The verdict, with the title that its status gives it. */
export function callout(
  all: Pick<Callout, 'status' | 'head' | 'name' | 'text'> & Partial<Pick<Callout, 'id' | 'list' | 'sign'>>,
): Callout {
  return { kind: 'callout', id: 'verdict', list: [], ...all };
}

export const CONTENTS: Block = { kind: 'contents' };

export const heading = (text: Inline): Block => ({ kind: 'heading', text });
export const paragraph = (text: Inline, look = ''): Block => ({ kind: 'prose', text, look });
export const list = (items: readonly Inline[], look = ''): Blocks =>
  items.length > 0 && { kind: 'list', items, look };
export const facts = (pairs: readonly (Fact | null | false)[], look = ''): Block => ({
  kind: 'facts',
  look,
  facts: pairs.filter((pair) => pair !== null && pair !== false),
});
export const tiles = (all: readonly Tile[]): Block => ({ kind: 'tiles', tiles: all });
export const figure = (drawn: Figure): Block => ({ kind: 'figure', figure: drawn });
export const box = (look: string, blocks: Blocks): Block => ({ kind: 'box', look, blocks });
/** What is drawn with HTML, as a picture that can be saved under its title. */
export const drawing = (title: string, blocks: Blocks): Block => ({ kind: 'drawing', title, blocks });
/** Hidden until it is asked for. */
export const fold = (summary: Inline, blocks: Blocks, isOpen = false): Block => ({
  kind: 'fold',
  summary,
  blocks,
  isOpen,
});

/** For those formats alone; the others don't even compute it. */
export function only(formats: Format | readonly Format[], blocks: () => Blocks): Block {
  return { kind: 'only', formats: [formats].flat(), blocks };
}
/** What only the page shows. */
export const page = (blocks: () => Blocks): Block => only('html', blocks);
/** What the page shows in another way. */
export const text = (blocks: () => Blocks): Block => only(TEXT, blocks);

/** How to read what stands beside it. */
export const note = (content: Inline): Block => page(() => paragraph(content, 'note'));
/** Says that something is not there. */
export const none = (content: Inline): Block => page(() => paragraph(content, 'none'));

/** The blocks that a format shows, in one list. */
export function blocksFor(format: Format, blocks: Blocks): Exclude<Block, { kind: 'only' }>[] {
  if (blocks === null || blocks === false) return [];
  if (isList(blocks)) return blocks.flatMap((block) => blocksFor(format, block));
  if (blocks.kind !== 'only') return [blocks];
  return blocks.formats.includes(format) ? blocksFor(format, blocks.blocks()) : [];
}

const isList = (blocks: Blocks): blocks is readonly Blocks[] => Array.isArray(blocks);

/** A table with the columns that a format has. */
export function tableFor(format: Format, { columns, rows, ...rest }: Table): Table {
  const has = columns.map(({ formats }) => formats.includes(format));
  const kept = <T>(cells: readonly T[]): T[] => cells.filter((_, index) => has[index]);
  return { ...rest, columns: kept(columns), rows: rows.map(kept) };
}
