/**
 * Draws a space-time diagram as SVG: time runs down, places from left to right, so it fits a phone. Events that lie close
 * together are drawn further apart than they were, or their order, which is the point, could not be seen; every event
 * carries its exact time, and the caption's figures are exact. The same times follow as a table.
 */
import { type Blocks, box, drawing, figureOf, fold, paragraph, table, word } from '../document/blocks.ts';
import { type Html, html, unseen } from '../document/inline.ts';
import { type Path, PLACE_NAMES, type Place, type SpaceTime, type Stop, timeText } from './space-time.ts';

/** As wide as a column of a phone; drawn larger elsewhere. */
const WIDTH = 350;
/** Room beside the outer lanes beyond their labels, and what a character of a label takes at most. */
const MARGIN = 13;
const CHARACTER = 7.1;
/** Leaves room for the names of the lanes. */
const LEAST_CHARACTERS = 7;
const TOP = 34;
/** Least distance of two events, so that their labels do not touch. */
const MIN_GAP = 16;
/** Height that is shared out in proportion to time. */
const PROPORTIONAL = 96;
const BELOW = 16;
/** Paths are drawn this far beside their lane, or one would hide the other. */
const ASIDE = 2.5;

/** A diagram with its caption and its times as a table. */
export function spaceTimeFigure(diagram: SpaceTime): Blocks {
  const { title, caption } = diagram;
  return box(
    'space-time',
    drawing(title, [
      paragraph(caption, 'caption'),
      picture(diagram),
      fold(['Times', unseen(` of ${title}`)], timesTable(diagram)),
    ]),
  );
}

/** A drawn event or label, by its pixels. */
interface Scales {
  readonly x: (place: Place) => number;
  readonly y: (atMs: number) => number;
  readonly bottom: number;
  readonly text: (atMs: number) => string;
}

function picture(diagram: SpaceTime): Html {
  const scales = scalesOf(diagram);
  const height = scales.bottom + BELOW;
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${`${diagram.title}. ${inWords(diagram, scales.text)}`}">
${culprit(diagram, scales)}${lanes(diagram, scales)}${diagram.paths.map((path, index) => way(path, offsetOf(diagram, index), scales))}
${diagram.paths.map((path, index) => labels(path, diagram, index, scales))}
</svg>
`;
}

function scalesOf(diagram: SpaceTime): Scales {
  const places = lanePlaces(diagram.isTraced);
  const text = timeText(diagram);
  const [left, right] = marginsOf(diagram, text);
  const step = (WIDTH - left - right) / (places.length - 1);
  const lane = (place: Place): number => places.indexOf(place === 'posted' ? 'started' : place);
  const heights = heightsOf(timesOf(diagram));
  return {
    x: (place) => rounded(left + lane(place) * step),
    y: (atMs) => heights.get(atMs) ?? TOP,
    bottom: Math.max(...heights.values()),
    text,
  };
}

/** Room left and right of the lanes: for their longest labels. */
function marginsOf(diagram: SpaceTime, text: Scales['text']): [left: number, right: number] {
  const longest = (labelled: readonly string[]): number =>
    Math.max(LEAST_CHARACTERS, ...labelled.map((label) => label.length)) * CHARACTER + MARGIN;
  const stops = diagram.paths.flatMap((path) => path.stops.map((stop) => ({ path, stop })));
  const at = (wanted: Place): string[] =>
    stops
      .filter(({ stop }) => stop.place === wanted)
      .map(({ path, stop }) => `${shortName(path)} ${text(stop.atMs)}`);
  return [
    longest(at('sent')),
    longest([...at('answered'), ...diagram.paths.map((path) => waitText(path, text))]),
  ];
}

/** The last digits of a long number are enough to tell neighbours apart; the caption has it whole. */
function shortName({ name }: Path): string {
  return /^\d{6,}$/.test(name) ? `…${name.slice(-4)}` : name;
}

function lanePlaces(isTraced: boolean): readonly Place[] {
  return isTraced ? ['sent', 'stream', 'started', 'answered'] : ['sent', 'answered'];
}

/** All times of the diagram, rising, without repetition. */
function timesOf({ paths }: SpaceTime): number[] {
  const times = paths.flatMap((path) => [...path.stops.map(({ atMs }) => atMs), ...waitedTo(path)]);
  return [...new Set(times)].toSorted((a, b) => a - b);
}

/** The end of the wait for a lost message; one that is not known is drawn a second on. */
function waitedTo({ stops, waitedMs }: Path): number[] {
  const sentMs = stops[0]?.atMs ?? 0;
  return waitedMs === undefined ? [] : [sentMs + (waitedMs ?? 1000)];
}

/** Time to pixels: order is kept, and so are distances as far as labels leave room. */
function heightsOf(times: readonly number[]): Map<number, number> {
  const [first = 0] = times;
  const total = (times.at(-1) ?? 0) - first || 1;
  return new Map(
    times.map((time, index) => [
      time,
      rounded(TOP + 18 + index * MIN_GAP + (PROPORTIONAL * (time - first)) / total),
    ]),
  );
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

const LANE_NAMES: Readonly<Record<Place, string>> = {
  sent: 'client',
  stream: 'stream',
  started: 'function',
  posted: 'function',
  answered: 'client',
};

function lanes({ isTraced }: SpaceTime, { x, bottom }: Scales): Html {
  return html`<g class="lanes"><text x="4" y="14">ms ↓</text>${lanePlaces(isTraced).map(
    (place) =>
      html`<text x="${x(place)}" y="14" text-anchor="middle">${LANE_NAMES[place]}</text><path d="M${x(place)} ${TOP - 12}V${bottom + 8}"/>`,
  )}</g>`;
}

/** Shades the part of the way where it went wrong. */
function culprit({ culprit: part, isTraced }: SpaceTime, { x, bottom }: Scales): Html | false {
  if (part === null || !isTraced) return false;
  const [from, to]: [Place, Place] = part === 'ingest' ? ['sent', 'stream'] : ['stream', 'answered'];
  return html`<rect class="culprit" x="${x(from)}" y="${TOP - 12}" width="${x(to) - x(from)}" height="${bottom + 8 - TOP + 12}"/>`;
}

function offsetOf({ paths }: SpaceTime, index: number): number {
  return paths.length === 1 ? 0 : index === 0 ? -ASIDE : ASIDE;
}

function way(path: Path, aside: number, scales: Scales): Html {
  const points = path.stops.map((stop) => pointOf(stop, aside, scales));
  const dots = points.map(([x, y]) => html`<circle cx="${x}" cy="${y}" r="3"/>`);
  return html`<g class="way ${path.tone}"><path d="M${points.map((point) => point.join(' ')).join('L')}"/>${dots}${nowhere(path, scales)}</g>`;
}

/** The outer lanes have one event of a path each, so only the inner ones need paths apart. */
function pointOf({ place, atMs }: Stop, aside: number, { x, y }: Scales): [number, number] {
  const isInner = place !== 'sent' && place !== 'answered';
  return [rounded(x(place) + (isInner ? aside : 0)), y(atMs)];
}

/** A lost message's way ends in a cross half-way: nobody knows where. */
function nowhere(path: Path, { x, y }: Scales): Html | false {
  const [end] = waitedTo(path);
  const [sent] = path.stops;
  if (end === undefined || sent === undefined) return false;
  const crossX = rounded((x('sent') + x('answered')) / 2);
  const crossY = rounded(y(sent.atMs) + (y(end) - y(sent.atMs)) / 3);
  return html`<path d="M${x('sent')} ${y(sent.atMs)}L${crossX} ${crossY}"/><path class="cross" d="M${crossX - 6} ${crossY - 6}l12 12m0 -12l-12 12"/><path class="wait" d="M${x('answered') - 9} ${y(end)}h18"/>`;
}

function labels(path: Path, diagram: SpaceTime, index: number, scales: Scales): Html {
  const earlier = diagram.paths.slice(0, index).flatMap(({ stops }) => stops);
  const isSaid = (stop: Stop): boolean =>
    earlier.some(({ place, atMs }) => place === stop.place && atMs === stop.atMs);
  return html`<g class="labels ${path.tone}">${path.stops.filter((stop) => !isSaid(stop)).map((stop) => label(stop, path, diagram, scales))}${waitLabel(path, scales)}</g>`;
}

function label(stop: Stop, path: Path, { paths }: SpaceTime, { x, y, text }: Scales): Html {
  const [at, height, time] = [x(stop.place), y(stop.atMs), text(stop.atMs)];
  const isShared =
    paths.filter(({ stops }) => stops.some((other) => other.place === 'sent' && other.atMs === stop.atMs))
      .length > 1;
  const named = html`<tspan class="name">${shortName(path)}</tspan>`;
  if (stop.place === 'sent')
    return html`<text x="${at - 8}" y="${height + 4}" text-anchor="end">${isShared ? 'sent' : named} ${time}</text>`;
  if (stop.place === 'answered') return html`<text x="${at + 8}" y="${height + 4}">${time} ${named}</text>`;
  return isLater(stop, path, paths)
    ? html`<text class="inner" x="${at - 8}" y="${height + 11}" text-anchor="end">${time}</text>`
    : html`<text class="inner" x="${at + 8}" y="${height - 3}">${time}</text>`;
}

/** Of two paths at a place, the later one has its label below and left, where neither path runs; the other above and right. */
function isLater({ place, atMs }: Stop, path: Path, paths: readonly Path[]): boolean {
  return paths.some(
    (other) => other !== path && other.stops.some((stop) => stop.place === place && stop.atMs < atMs),
  );
}

function waitLabel(path: Path, { x, y, text }: Scales): Html | false {
  const [end] = waitedTo(path);
  if (end === undefined) return false;
  return html`<text x="${x('answered') + 13}" y="${y(end) + 4}">${waitText(path, text)}</text>`;
}

/** What stands where the answer to a lost message would. */
function waitText(path: Path, text: Scales['text']): string {
  const [end] = waitedTo(path);
  if (end === undefined) return '';
  return path.waitedMs === null ? 'no answer' : `none by ${text(end).replace(/\.0+$/, '')}`;
}

function inWords({ paths }: SpaceTime, text: (atMs: number) => string): string {
  return paths
    .map((path) => {
      const steps = path.stops.map(({ place, atMs }) => `${PLACE_NAMES[place]} at ${text(atMs)} ms`);
      return `${path.name}: ${[...steps, ...(path.waitedMs === undefined ? [] : ['no answer'])].join(', ')}.`;
    })
    .join(' ');
}

function timesTable(diagram: SpaceTime): Blocks {
  const text = timeText(diagram);
  const places = (Object.keys(PLACE_NAMES) as Place[]).filter((place) =>
    diagram.paths.some(({ stops }) => stops.some((stop) => stop.place === place)),
  );
  const timeOf = ({ stops }: Path, place: Place): string => {
    const stop = stops.find((one) => one.place === place);
    return stop === undefined ? 'not known' : text(stop.atMs);
  };
  return table(`${diagram.title}; ms since the first send`, places, [
    word('', (place) => PLACE_NAMES[place]),
    ...diagram.paths.map((path) => figureOf(path.name, (place: Place) => timeOf(path, place))),
  ]);
}
