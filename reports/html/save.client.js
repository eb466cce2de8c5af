/**
 * Saves a chart of a report as a picture, with its title and legend, in the colours it is shown in: for a ticket or a talk,
 * where the page itself has no place. Everything is made in the browser and goes nowhere but into a file of the reader's.
 */
(() => {
  /**
   * The few parts of the browser that this uses; see charts.client.js for why they are written down here.
   *
   * @typedef {{ scale(x: number, y: number): void, fillRect(x: number, y: number, w: number, h: number): void,
   *   fillText(text: string, x: number, y: number): void, measureText(text: string): { width: number },
   *   drawImage(image: Node, x: number, y: number, w: number, h: number): void,
   *   fillStyle: string, font: string, textBaseline: string }} Pen
   * @typedef {{ hidden: boolean, textContent: string, width: number, height: number, clientWidth: number, clientHeight: number,
   *   href: string, download: string, closest(selector: string): Node, querySelector(selector: string): Node,
   *   querySelectorAll(selector: string): Iterable<Node>, getContext(kind: '2d'): Pen, toDataURL(type: string): string,
   *   click(): void, addEventListener(type: string, listener: () => void): void }} Node
   * @typedef {{ document: { body: Node, createElement(name: string): Node, querySelectorAll(selector: string): Iterable<Node> },
   *   getComputedStyle(node: Node): { getPropertyValue(name: string): string } }} Browser
   */
  const browser = /** @type {Browser} */ (/** @type {unknown} */ (globalThis));
  const { document } = browser;

  const PADDING = 16;
  const TITLE_PIXELS = 18;
  const TEXT_PIXELS = 13;

  /** @param {Node} node @param {string} property @returns {string} */
  const styleOf = (node, property) => browser.getComputedStyle(node).getPropertyValue(property);

  /** Entries of the legend: their words, and the colour of their sample. @param {Node} figure */
  function legendOf(figure) {
    return [...figure.querySelectorAll('.legend li')].map((entry) => ({
      label: entry.textContent,
      color: styleOf(entry.querySelector('svg') ?? entry, 'color'),
    }));
  }

  /** The picture: title, legend, chart. @param {Node} figure @returns {Node} a canvas */
  function pictureOf(figure) {
    const chart = figure.querySelector('canvas');
    const scale = chart.width / chart.clientWidth;
    const legend = legendOf(figure);
    const top = PADDING * 2 + TITLE_PIXELS + (legend.length > 0 ? PADDING + TEXT_PIXELS : 0);
    const picture = document.createElement('canvas');
    picture.width = chart.width + 2 * PADDING * scale;
    picture.height = chart.height + (top + PADDING) * scale;
    const context = picture.getContext('2d');
    context.scale(scale, scale);
    context.fillStyle = styleOf(document.body, 'background-color');
    context.fillRect(0, 0, picture.width, picture.height);
    const font = styleOf(document.body, 'font-family');
    context.fillStyle = styleOf(document.body, 'color');
    context.textBaseline = 'top';
    context.font = `600 ${TITLE_PIXELS}px ${font}`;
    context.fillText(figure.querySelector('h3').textContent, PADDING, PADDING);
    context.font = `${TEXT_PIXELS}px ${font}`;
    let left = PADDING;
    for (const { label, color } of legend) {
      context.fillStyle = color;
      context.fillText(label, left, PADDING * 2 + TITLE_PIXELS);
      left += context.measureText(label).width + PADDING;
    }
    context.drawImage(chart, PADDING, top, chart.clientWidth, chart.clientHeight);
    return picture;
  }

  /** @param {string} title */
  const fileNameOf = (title) =>
    `${title
      .trim()
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')}.png`;

  for (const button of document.querySelectorAll('figure.chart button.save')) {
    const figure = button.closest('figure');
    // Without this script there is nothing that the button could do.
    button.hidden = false;
    button.addEventListener('click', () => {
      const link = document.createElement('a');
      link.href = pictureOf(figure).toDataURL('image/png');
      link.download = fileNameOf(figure.querySelector('h3').textContent);
      link.click();
    });
  }
})();
