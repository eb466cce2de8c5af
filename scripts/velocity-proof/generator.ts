// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are Velocity's, not JavaScript's
/** Templates put together at random from what mapping templates are made of; most parse, and all are short. */
import type { Random } from '../../bench/ports.ts';

const NAMES = ['a', 'b', 'm', 'l', 's', 'none'];
const STEPS = [
  '.text',
  '.list',
  '.n',
  '.o',
  '.k',
  '.items',
  '[0]',
  '[-1]',
  '["k"]',
  '.get("text")',
  '.get(0)',
  '.size()',
  '.length()',
  '.isEmpty()',
  '.toString()',
  '.contains("a")',
  '.toUpperCase()',
  '.replaceAll("[a-c]", "<$0>")',
  '.keySet()',
  '.values()',
  '.substring(1)',
  '.split(",").size()',
  '.trim()',
  '.hashCode()',
  '.equals("abc")',
  '.indexOf("b")',
  '.nosuch',
  '.nosuch()',
  '.x',
];
const TEXTS = [
  ' ',
  '\n',
  'word',
  '{',
  '}',
  '"',
  ', ',
  '[',
  ']',
  '.',
  '-',
  '(',
  ')',
  '  \n  ',
  ': ',
  '\\',
  '#',
  '$',
  '$1',
  "'",
  '/',
  '0',
  'x\n',
  '\t',
];
const OPERATORS = [
  '+',
  ' - ',
  ' * ',
  ' / ',
  ' % ',
  ' == ',
  ' != ',
  ' < ',
  ' <= ',
  ' > ',
  ' >= ',
  ' && ',
  ' || ',
  ' and ',
  ' eq ',
];
const LITERALS = [
  '1',
  '0',
  '-3',
  '2.5',
  'true',
  'false',
  '"text"',
  '"a$a"',
  "'single'",
  '""',
  '[1..3]',
  '[3..1]',
  '["x", 2]',
  '{"k": "v"}',
  '[]',
  '{}',
  '7',
  '2147483647',
  '"${b}c"',
  '"$!none"',
  '"x""y"',
];

const PRELUDE = `#set($m = $input.path('$'))#set($a = 1)#set($s = "abc")#set($l = [1, "b", 2.5])`;

class Generator {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  template(): string {
    return PRELUDE + this.#statements(3);
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random.next() * items.length)] as T;
  }

  #statements(depth: number): string {
    const count = 1 + Math.floor(this.#random.next() * 5);
    return Array.from({ length: count }, () => this.#statement(depth)).join('');
  }

  #statement(depth: number): string {
    const kind = this.#random.next();
    if (kind < 0.3) return this.#pick(TEXTS);
    if (kind < 0.6 || depth === 0) return this.#output();
    if (kind < 0.75)
      return `#set($${this.#pick(NAMES.slice(0, 5))} = ${this.#expression(2)})${this.#pick(['', '\n', '  \n', ' '])}`;
    if (kind < 0.88) return this.#if(depth - 1);
    if (kind < 0.97) return this.#foreach(depth - 1);
    return this.#pick(['#break', '#stop', '## c\n', '#* c *#', '#[[ $a ]]#', '#foo($a)', '\\#if']);
  }

  #output(): string {
    const quiet = this.#pick(['', '', '!']);
    const reference = `${this.#pick(NAMES)}${this.#steps()}`;
    return this.#random.next() < 0.3
      ? `$${quiet}{${reference}}`
      : `${this.#pick(['', '', '', '\\', '\\\\', '$'])}$${quiet}${reference}`;
  }

  #steps(): string {
    let steps = '';
    while (this.#random.next() < 0.45) steps += this.#pick(STEPS);
    return steps;
  }

  #if(depth: number): string {
    const otherwise =
      this.#random.next() < 0.5 ? `#else${this.#pick(['\n', ' \n', ' '])}${this.#statements(depth)}` : '';
    const other =
      this.#random.next() < 0.3 ? `#elseif(${this.#expression(2)})${this.#statements(depth)}` : '';
    return `#if(${this.#expression(2)})${this.#pick(['', '\n'])}${this.#statements(depth)}${other}${otherwise}#end${this.#pick(['\n', '  \n', ' '])}`;
  }

  #foreach(depth: number): string {
    const list = this.#pick([
      '[1..3]',
      '$l',
      '$m.list',
      '$m.items',
      '$m',
      '$m.keySet()',
      '{"x": 1}',
      '$none',
      '$m.o.entrySet()',
    ]);
    const extra = this.#pick([
      '',
      '$foreach.index',
      '#if($foreach.hasNext),#end',
      '$foreach.count',
      '#if($foreach.last)!#end',
      '$foreach.first',
    ]);
    return `#foreach($${this.#pick(NAMES)} in ${list})${this.#pick(['', '\n'])}${this.#statements(depth)}${extra}#end${this.#pick(['\n', ' '])}`;
  }

  #expression(depth: number): string {
    const kind = this.#random.next();
    if (kind < 0.4) return `$${this.#pick(NAMES)}${this.#steps()}`;
    if (kind < 0.7 || depth === 0) return this.#pick(LITERALS);
    if (kind < 0.78) return `!${this.#expression(depth - 1)}`;
    if (kind < 0.86) return `(${this.#expression(depth - 1)})`;
    return `${this.#expression(depth - 1)} ${this.#pick(OPERATORS)} ${this.#expression(depth - 1)}`;
  }
}

export function generatedTemplate(random: Random): string {
  return new Generator(random).template();
}
