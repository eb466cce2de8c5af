/** One document, three formats: every kind of block in each of them, and text from outside in none as it came. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import {
  type Blocks,
  box,
  CONTENTS,
  callout,
  count,
  type Document,
  drawing,
  facts,
  figure,
  fold,
  heading,
  list,
  none,
  note,
  only,
  pageColumn,
  paragraph,
  section,
  table,
  text,
  tiles,
  untitled,
  withUnit,
  word,
} from './blocks.ts';
import { chartData } from './chart.ts';
import { renderHtml } from './html.ts';
import { BREAK, code, html, inlineHtml, link, mark, prose, strong, unseen } from './inline.ts';
import { renderMarkdown } from './markdown.ts';
import { renderTerminal } from './terminal.ts';

const HOSTILE = `<img src=x onerror="hacked=1">|*bold*_@everyone\u001b[2J\u202e`;

const documentOf = (blocks: Blocks): Document => ({
  kind: 'test',
  madeFrom: link('test.json', 'test.json'),
  heading: 'window',
  title: 'name',
  subtitle: ['one', 'two'],
  provenance: ['three'],
  blocks,
});
const main = (blocks: Blocks): string =>
  /<\/header>\n(.*)<\/main>/s.exec(renderHtml(documentOf(blocks)))?.[1]?.trim() ?? '';
const markdown = (blocks: Blocks): string =>
  renderMarkdown(documentOf(blocks)).replace(/\n*<sub>.*<\/sub>\n$/, '');
const terminal = (blocks: Blocks, width = 100): string[] =>
  renderTerminal(documentOf(blocks), { colour: false, width });

const ROWS = [
  { name: 'a', n: 1200 },
  { name: 'bcd', n: 7 },
];
const TABLE = table('Counts', ROWS, [
  word('name', ({ name }) => name),
  count('messages', ({ n }) => n),
  null,
  pageColumn(word('verdict', () => mark('good', 'held'))),
]);

test('a table has its caption, heads and numbers at the right, and only the page has the page’s columns', () => {
  assert.equal(
    main(TABLE),
    `<div class="scroll" role="group" aria-label="Counts" tabindex="0"><table>
<caption><span>Counts</span></caption>
<thead><tr><th scope="col" class="word">name</th><th scope="col" class="number">messages</th><th scope="col" class="word">verdict</th></tr></thead>
<tbody>
<tr><th scope="row" class="word">a</th><td class="number">1,200</td><td class="word"><span class="mark good">✓ held</span></td></tr>
<tr><th scope="row" class="word">bcd</th><td class="number">7</td><td class="word"><span class="mark good">✓ held</span></td></tr>
</tbody>
</table></div>`,
  );
  assert.equal(markdown(TABLE), '| name | messages |\n| --- | --: |\n| a | 1,200 |\n| bcd | 7 |');
  assert.deepEqual(terminal(TABLE), ['', 'name  messages', 'a        1,200', 'bcd          7']);
});

test('a first column without a label has the caption in text, and a table without rows is left out there', () => {
  const unnamed = table('Counts', ROWS, [word('', ({ name }) => name), count('n', ({ n }) => n)]);
  assert.match(markdown(unnamed), /^\| Counts \| n \|/);
  assert.equal(terminal(unnamed)[1], 'Counts      n');
  const empty = table('Counts', [], [word('name', () => '')]);
  assert.deepEqual([markdown(empty), terminal(empty)], ['', []]);
});

test('long tables and lists are cut in text formats, which say by how much', () => {
  const items = Array.from({ length: 70 }, (_, index) => `item ${index}`);
  assert.match(markdown(list(items)), /item 59\n\nAnd 10 more, in index\.html\.$/);
  assert.deepEqual(terminal(list(items)).slice(-2), ['item 19', 'and 50 more']);
  const long = table('t', items, [word('name', (item) => item)]);
  assert.match(markdown(long), /item 59 \|\n\nAnd 10 more/);
  assert.deepEqual(terminal(long).slice(-2), ['item 19', 'and 50 more']);
});

test('the verdict has its sign, and in text the name of what was judged', () => {
  const verdict = callout({
    ...{ status: 'threshold-failed', head: 'Worse', name: 'candidate' },
    ...{ text: ['It is slower.', 'By much.'], list: ['p99'] },
  });
  assert.match(
    main(verdict),
    /^<section class="banner threshold-failed" aria-labelledby="verdict">\n<h2 id="verdict"><span class="sign" aria-hidden="true">✗<\/span> Worse<\/h2>\n<p>It is slower\.<\/p>\n<p>By much\.<\/p>\n<ul><li>p99<\/li><\/ul>/,
  );
  assert.equal(markdown(verdict), '### ❌ Worse: candidate\n\nIt is slower.\n\nBy much.\n\n- p99');
  assert.deepEqual(terminal(verdict), ['', 'Worse  candidate: It is slower.', 'By much.']);
});

test('a section is in the contents unless it is untitled, and text leaves out one in which nothing is left', () => {
  const blocks = [
    CONTENTS,
    untitled('figures', 'Figures', tiles([{ name: 'p99', value: withUnit('3', 'ms'), meaning: 'slow' }])),
    section('latency', 'Latency of all', paragraph('fast'), 'Latency'),
    section('page', 'Page', [note('how to read'), none('nothing')]),
  ];
  const page = main(blocks);
  assert.match(
    page,
    /<ul><li><a href="#latency">Latency<\/a><\/li><li><a href="#page">Page<\/a><\/li><\/ul>/,
  );
  assert.match(page, /<p class="value">3<span class="unit"> ms<\/span><\/p>/);
  assert.match(page, /<p class="note">how to read<\/p>\n<p class="none">nothing<\/p>/);
  assert.equal(markdown(blocks), '**Latency of all**\n\nfast');
  assert.deepEqual(terminal(blocks), ['', 'fast']);
});

test('facts, lists, headings, folds and boxes', () => {
  const blocks = [
    heading('Head'),
    facts([['a', code('b')], null]),
    box('columns', list([mark('bad', ['no', BREAK, 'advice'])], 'warnings')),
    fold('Data', paragraph('hidden')),
    { kind: 'code', lines: ['npm ci', 'npm run'] } as const,
  ];
  assert.match(
    main(blocks),
    /<h3>Head<\/h3>\n<dl class="facts"><div><dt>a<\/dt><dd><code>b<\/code><\/dd><\/div>\n<\/dl>\n<div class="columns"><ul class="warnings"><li><span class="mark bad">✗ no<br>advice<\/span><\/li>\n<\/ul>\n<\/div>\n<details><summary>Data<\/summary>\n<p>hidden<\/p>\n<\/details>\n<pre tabindex="0"><code>npm ci\nnpm run<\/code><\/pre>/,
  );
  assert.equal(markdown(blocks), '**Head**\n\n- a: b\n\n- ❌ no advice\n\n    npm ci\n    npm run');
  assert.deepEqual(terminal(blocks), [
    ...['', 'Head', '', 'a             b', '', '✗ no', '    advice', '', 'npm ci', 'npm run'],
  ]);
});

test('what is for some formats is not even computed for others', () => {
  const never = only('html', () => assert.fail('computed'));
  assert.deepEqual([markdown([never, paragraph('p')]), terminal([never])], ['p', []]);
  assert.deepEqual(terminal(text(() => paragraph('said'))), ['', 'said']);
  assert.equal(main(text(() => assert.fail('computed'))), '');
});

test('text is escaped in every format and every place, and markup is the page’s alone', () => {
  const blocks = [
    callout({ status: 'pass', head: HOSTILE, name: HOSTILE, text: [HOSTILE], list: [HOSTILE] }),
    section('s', HOSTILE, [
      facts([[HOSTILE, strong(HOSTILE)]]),
      list([code(HOSTILE), link(HOSTILE, HOSTILE), unseen(HOSTILE), html`<i>${HOSTILE}</i>`]),
      table(HOSTILE, [0], [word(HOSTILE, () => HOSTILE)]),
      drawing(HOSTILE, heading(HOSTILE)),
    ]),
  ];
  const page = renderHtml({ ...documentOf(blocks), title: HOSTILE, heading: HOSTILE, subtitle: [HOSTILE] });
  assert.doesNotMatch(page.replaceAll(/<script>[\s\S]*?<\/script>/g, ''), /<img|onerror="|\u202e/);
  const said = markdown(blocks).replaceAll(/\\./g, '');
  assert.doesNotMatch(said, /@everyone/);
  assert.doesNotMatch(said.replaceAll('<!-- -->', ''), /<|[^ ]\|[^ \n]/);
  for (const line of terminal(blocks)) assert.doesNotMatch(line, /[\p{Cc}\p{Bidi_Control}]/u);
});

test('colour adds nothing but colour, and text is wrapped behind its sign', () => {
  const blocks = [
    callout({ status: 'invalid', head: 'INVALID', name: 'run', text: ['why'] }),
    list([mark('unsure', `a ${'long '.repeat(20)}end`)]),
  ];
  const coloured = renderTerminal(documentOf(blocks), { colour: true, width: 60 });
  assert.deepEqual(coloured.map(stripVTControlCharacters), terminal(blocks, 60));
  assert.ok(coloured.join('').includes('\u001b['), 'there is colour');
  const [, , , first, second] = terminal(blocks, 60);
  assert.match(first ?? '', /^\? a long/);
  assert.match(second ?? '', /^ {2}long/);
});

test('prose has its commands as code', () => {
  assert.equal(inlineHtml(prose('run `npm ci` now')), 'run <code>npm ci</code> now');
});

test('ticks are round: powers of ten over decades, 1, 2 and 5 times them within, even steps where rates are close', () => {
  const series = (...ys: number[]) => [
    { label: 'l', color: '--a', shape: 'line', points: ys.map((y, x) => [x, y] as const) } as const,
  ];
  const base = { unit: 'ms', series: series(3, 700) } as const;
  const rate = { ...base, axis: 'rate', isLogarithmic: true } as const;
  const close = chartData({ ...rate, xMin: 87, xMax: 920 });
  assert.deepEqual(close.xTicks, [100, 200, 500]);
  assert.deepEqual(close.y, { min: 1, max: 800, ticks: [1, 2, 5, 10, 20, 50, 100, 200, 500] });
  assert.deepEqual(chartData({ ...rate, xMin: 610, xMax: 650 }).xTicks, [610, 620, 630, 640, 650]);
  const wide = chartData({ ...rate, xMin: 1, xMax: 2e6 });
  assert.deepEqual(wide.xTicks, [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]);
  const curve = chartData({ ...base, axis: 'percentiles', xMin: 1, xMax: 1000 });
  assert.deepEqual([curve.xTicks, curve.y], [[1, 2, 10, 100, 1000], undefined]);
  assert.equal(chartData({ ...base, axis: 'time', xMin: 0, xMax: 9 }).xTicks, undefined);
});

test('a figure has a description, a legend where there are several lines, and its data as a table', () => {
  const line = (label: string) =>
    ({ label, color: '--sent', shape: 'line', points: [[0, 1]] as const }) as const;
  const drawn = main(
    figure({
      title: 'Rate',
      description: 'What it is.',
      height: 'small',
      chart: { axis: 'time', xMin: 0, xMax: 1, unit: '/s', series: [line('a'), line('b')] },
      data: TABLE,
    }),
  );
  assert.match(drawn, /<canvas role="img" aria-label="What it is\."><\/canvas>/);
  assert.match(drawn, /<ul class="legend"><li><svg .*<\/svg>a<\/li><li><svg .*<\/svg>b<\/li><\/ul>/);
  assert.match(drawn, /<details><summary>Data<span class="unseen"> of Rate<\/span><\/summary>\n.*<table>/);
});
