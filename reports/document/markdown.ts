/**
 * A document as Markdown, for a CI job's page or a pull request: the verdict, its tables and what needs attention, short enough to be
 * read whole. Text is escaped, so that it is neither markup nor a mention of anyone.
 */
import { escapeMarkdown } from '../escape.ts';
import {
  type Block,
  type Blocks,
  blocksFor,
  type Callout,
  type Document,
  type Status,
  type Table,
  tableFor,
} from './blocks.ts';
import { type Inline, type InlineWriter, signed, type Tone, written } from './inline.ts';

/** Rows of a table and items of a list; nobody reads more, and a job's page is cut beyond a megabyte. */
const MAX_LISTED = 60;

const STATUS_SIGNS: Readonly<Record<Status, string>> = {
  pass: '✅',
  measured: '➖',
  'threshold-failed': '❌',
  partial: '⚠️',
  invalid: '⛔',
};

const SIGNS: Readonly<Record<Tone, string>> = { good: '✅', bad: '❌', unsure: '❔', quiet: '' };

/** Signs that tell more than the tone, and those that only repeat it. */
const OWN_SIGNS: Readonly<Record<string, string>> = { '!': '⚠️', '◐': '⚠️', '▲': '▲', '▼': '▼' };

const WRITER: InlineWriter = {
  format: 'markdown',
  text: escapeMarkdown,
  span: (look, inner) => (look === 'strong' ? `**${inner}**` : look === 'unseen' ? '' : inner),
  mark: (tone, sign, inner) => signed(OWN_SIGNS[sign ?? ''] ?? SIGNS[tone], inner),
  link: (_, inner) => inner,
  lineBreak: ' ',
};

/** The document as Markdown. */
export function renderMarkdown({ blocks, subtitle, provenance = [] }: Document): string {
  const last = `<sub>${escapeMarkdown([...subtitle, ...provenance].join(' · '))}</sub>`;
  return `${[...paragraphs(blocks), last].join('\n\n')}\n`;
}

const said = (inline: Inline): string => written(inline, WRITER);

function paragraphs(blocks: Blocks): string[] {
  return blocksFor('markdown', blocks).flatMap(blockParagraphs);
}

function blockParagraphs(block: Exclude<Block, { kind: 'only' }>): string[] {
  switch (block.kind) {
    case 'section': {
      const inner = paragraphs(block.blocks);
      return inner.length === 0 || block.isUntitled ? inner : [`**${said(block.title)}**`, ...inner];
    }
    case 'callout':
      return calloutParagraphs(block);
    case 'heading':
      return [`**${said(block.text)}**`];
    case 'prose':
      return [said(block.text)];
    case 'list':
      return listParagraphs(block.items.map(said));
    case 'facts':
      return listParagraphs(block.facts.map(([name, value]) => `${said(name)}: ${said(value)}`));
    case 'table':
      return tableParagraphs(block);
    case 'box':
      return paragraphs(block.blocks);
    case 'code':
      return [block.lines.map((line) => `    ${line}`).join('\n')];
    default:
      return [];
  }
}

function calloutParagraphs({ status, head, name, text, list }: Callout): string[] {
  const title = `### ${STATUS_SIGNS[status]} ${escapeMarkdown(head)}: ${escapeMarkdown(name)}`;
  return [title, ...text.map(said), ...listParagraphs(list.map(said))];
}

function listParagraphs(items: readonly string[]): string[] {
  if (items.length === 0) return [];
  return [
    items
      .slice(0, MAX_LISTED)
      .map((item) => `- ${item}`)
      .join('\n'),
    ...more(items.length),
  ];
}

function more(all: number): string[] {
  return all > MAX_LISTED ? [`And ${all - MAX_LISTED} more, in index.html.`] : [];
}

/** Words at the left, numbers at the right; a first column without a label has the caption in its place. */
function tableParagraphs(whole: Table): string[] {
  const { caption, columns, rows } = tableFor('markdown', whole);
  if (rows.length === 0) return [];
  const head = columns.map(({ label }, index) => said(index === 0 && label === '' ? caption : label));
  const rule = columns.map(({ isWord }, index) => (isWord || index === 0 ? '---' : '--:'));
  const body = rows.slice(0, MAX_LISTED).map((cells) => cells.map(said));
  const all = [head, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`);
  return [all.join('\n'), ...more(rows.length)];
}
