/**
 * What a page says, a fact a line: its headings, sentences and lists as a reader meets them, each cell of a table with the
 * names of its row and column, the data of each chart series by series, and what its drawings are made of. Markup, styles
 * and scripts are left out, so a page that is built in another way and says the same has the same text. It reads the pages
 * of this product, which are well-formed, and no others.
 */

type Token =
  | { readonly kind: 'open'; readonly name: string; readonly attributes: ReadonlyMap<string, string> }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string };

const TOKEN =
  /<!--[\s\S]*?-->|<!doctype[^>]*>|<(\/?)([a-z][\w-]*)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*\/?>|[^<]+/giu;

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ' };

function unescaped(text: string): string {
  return text
    .replaceAll(/&#(?:x([\da-f]+)|(\d+));/gi, (_, hex: string, digits: string) =>
      String.fromCodePoint(hex === undefined ? Number(digits) : Number.parseInt(hex, 16)),
    )
    .replaceAll(/&(\w+);/g, (all, name: string) => ENTITIES[name] ?? all);
}

function attributesIn(text: string): Map<string, string> {
  const found = text.matchAll(/([\w:-]+)(?:="([^"]*)")?/g);
  return new Map([...found].map(([, name, value = '']) => [name!, unescaped(value)]));
}

/** Elements whose content is not text; that of charts' data is kept. */
const RAW = /<(script|style)(?![^>]*application\/json)[^>]*>[\s\S]*?<\/\1>/giu;

function tokensOf(page: string): Token[] {
  return [...page.replaceAll(RAW, '').matchAll(TOKEN)].flatMap(([all, slash, name, attributes]): Token[] => {
    if (name !== undefined)
      return slash === '/'
        ? [{ kind: 'close', name }]
        : [{ kind: 'open', name, attributes: attributesIn(attributes ?? '') }];
    return all.startsWith('<!') ? [] : [{ kind: 'text', text: unescaped(all) }];
  });
}

const INLINE = new Set(
  'a span code b strong em i small sup sub abbr time br kbd samp q cite mark wbr tspan'.split(' '),
);

/** Attributes of a drawing that place what it shows. */
const GEOMETRY = [
  'x',
  'y',
  'x1',
  'y1',
  'x2',
  'y2',
  'cx',
  'cy',
  'r',
  'width',
  'height',
  'points',
  'd',
  'transform',
];
const SHAPES = new Set(['rect', 'circle', 'line', 'path', 'polyline', 'polygon', 'ellipse']);

/** Facts of the page, in its order. */
export function pageText(page: string): string[] {
  const reader = new Reader();
  for (const token of tokensOf(page)) reader.take(token);
  return reader.lines.filter((line, index, all) => line !== '' || (index > 0 && all[index - 1] !== ''));
}

/** A table while it is read: its caption, its head, and the cells of the row. */
interface OpenTable {
  caption: string;
  head: string[];
  row: string[];
  isInHead: boolean;
}

class Reader {
  readonly lines: string[] = [];
  #text = '';
  #tables: OpenTable[] = [];
  #term = '';
  #isData = false;
  #hidden = 0;
  #wasHidden: boolean[] = [];

  take(token: Token): void {
    if (token.kind === 'text') this.#text += this.#hidden > 0 ? '' : token.text;
    else if (token.kind === 'open') this.#open(token.name, token.attributes);
    else this.#close(token.name);
  }

  #open(name: string, attributes: ReadonlyMap<string, string>): void {
    if (!INLINE.has(name)) this.#flush();
    if (name === 'br') this.#text += ' / ';
    if (name === 'a') {
      this.#text += '[';
      this.#href = attributes.get('href') ?? '';
    }
    if (name === 'svg') this.#openSvg(attributes);
    if (name === 'script') this.#isData = true;
    if (/^h[1-6]$/.test(name)) this.lines.push('');
    this.#openInTable(name);
    this.#draw(name, attributes);
    const title = attributes.get('title');
    if (title !== undefined) this.#text += ` (${title}) `;
  }

  #openInTable(name: string): void {
    if (name === 'table') this.#tables.push({ caption: '', head: [], row: [], isInHead: false });
    const table = this.#tables.at(-1);
    if (table === undefined) return;
    if (name === 'thead') table.isInHead = true;
    if (name !== 'tr') return;
    table.row = [];
    // Of several rows of heads the last names the columns.
    if (table.isInHead) table.head = [];
  }

  #draw(name: string, attributes: ReadonlyMap<string, string>): void {
    if (this.#hidden === 0 && SHAPES.has(name)) this.#say(shapeText(name, attributes));
    else this.#text += styleText(attributes) + levelText(attributes);
    const label = attributes.get('aria-label');
    const isPicture = name === 'canvas' || name === 'svg' || attributes.get('role') === 'img';
    if (label !== undefined && isPicture) this.#say(`picture: ${label}`);
  }

  #href = '';

  /** Samples of lines in a legend say nothing of their own. */
  #openSvg(attributes: ReadonlyMap<string, string>): void {
    const isHidden = attributes.get('aria-hidden') === 'true' && Number(attributes.get('width')) === 26;
    this.#wasHidden.push(isHidden);
    if (isHidden) this.#hidden++;
  }

  #close(name: string): void {
    const table = this.#tables.at(-1);
    if (name === 'a' && this.#text.includes('[')) this.#text += `](${this.#href})`;
    else if (name === 'svg') {
      this.#flush();
      if (this.#wasHidden.pop()) this.#hidden--;
    } else if (name === 'script') {
      this.#data(this.#text);
      this.#isData = false;
    } else if (name === 'dt') {
      this.#term = this.#taken();
    } else if (name === 'dd') {
      this.#say(`${this.#term}: ${this.#taken()}`);
    } else if (table !== undefined && /^(caption|td|th|thead|tr|table)$/.test(name)) {
      this.#closeInTable(name, table);
    } else if (/^h[1-6]$/.test(name)) {
      this.#say(`${'#'.repeat(Number(name[1]))} ${this.#taken()}`);
    } else if (!INLINE.has(name)) this.#flush();
  }

  #closeInTable(name: string, table: OpenTable): void {
    if (name === 'caption') {
      table.caption = this.#taken();
      this.#say(`table: ${table.caption}`);
    } else if (name === 'td' || name === 'th') {
      (table.isInHead ? table.head : table.row).push(this.#taken());
    } else if (name === 'thead') {
      table.isInHead = false;
    } else if (name === 'table') {
      this.#tables.pop();
    } else if (name === 'tr' && !table.isInHead) {
      const [first = '', ...rest] = table.row;
      if (rest.length === 0) this.#say(`  ${first}`);
      rest.forEach((cell, column) => void this.#say(`  ${first} · ${table.head[column + 1] ?? ''}: ${cell}`));
    }
  }

  /** A chart: its settings in a line, and each series. */
  #data(json: string): void {
    this.#text = '';
    if (!this.#isData) return;
    const { series, bands = [], ...chart } = JSON.parse(json) as ChartData;
    this.#say(`chart: ${JSON.stringify(chart).replaceAll('"', '')}`);
    for (const band of bands) this.#say(`  band ${JSON.stringify(band).replaceAll('"', '')}`);
    for (const { label, points, ...look } of series) {
      const values = points.map(([x, y]) => `${x}=${y}`).join(' ');
      this.#say(`  ${label} ${JSON.stringify(look).replaceAll('"', '')}: ${values}`);
    }
  }

  #taken(): string {
    const text = this.#text.replaceAll(/\s+/g, ' ').trim();
    this.#text = '';
    return text;
  }

  #flush(): void {
    if (this.#isData) return;
    if (this.#tables.at(-1) !== undefined && this.#tables.at(-1)!.caption !== '') {
      // Blocks in a cell: they are parts of what it says.
      if (this.#text.trim() !== '') this.#text += ' ';
      return;
    }
    this.#say(this.#taken());
  }

  #say(line: string): void {
    if (line.trim() !== '') this.lines.push(line);
  }
}

/** Of how large, and of which colour, something is drawn with HTML. */
function styleText(attributes: ReadonlyMap<string, string>): string {
  const style = attributes.get('style');
  return style === undefined || attributes.get('aria-hidden') === 'true' ? '' : ` {${rounded(style)}} `;
}

/** A class that numbers one of several shades. */
function levelText(attributes: ReadonlyMap<string, string>): string {
  const level = attributes.get('class')?.match(/\S+-\d+/)?.[0];
  return level === undefined ? '' : ` {${level}} `;
}

function rounded(text: string, digits = 3): string {
  return text.replaceAll(/-?\d+\.\d+/g, (number) => String(Number(Number(number).toFixed(digits))));
}

interface ChartData {
  readonly bands?: readonly object[];
  readonly series: readonly {
    readonly label: string;
    readonly points: readonly (readonly [number, number | null])[];
  }[];
}

function shapeText(name: string, attributes: ReadonlyMap<string, string>): string {
  const placed = GEOMETRY.flatMap((one) => {
    const value = attributes.get(one);
    return value === undefined ? [] : [`${one} ${rounded(value, 0)}`];
  });
  const look = attributes.get('class');
  return `  ${name}${look === undefined ? '' : ` ${look}`}: ${placed.join(' ')}`;
}
