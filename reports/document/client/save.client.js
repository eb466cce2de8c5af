/**
 * Saves a chart or a drawing of a report as a picture with its title and legend, in the colours it is shown in: for a ticket or
 * a talk, where the page itself has no place. Everything is made in the browser and goes nowhere but into a file of the reader's.
 */
(() => {
  /** @typedef {{ markup: string, width: number, height: number }} Picture */
  const { drawnAsSvg } = /** @type {{ drawnAsSvg: (frame: HTMLElement) => Picture }} */ (
    /** @type {unknown} */ (globalThis)
  );
  const root = document.documentElement;

  const PADDING = 16;
  const TITLE_PIXELS = 18;
  const TEXT_PIXELS = 13;
  const LINE_PIXELS = 20;

  /** Pixels of a PNG for one of an SVG: sharp on the screens that most people have. */
  const DENSITY = 2;

  /** @param {Element} node @param {string} property */
  const styleOf = (node, property) => getComputedStyle(node).getPropertyValue(property);

  /** @param {HTMLCanvasElement} canvas */
  const penOf = (canvas) => /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));

  /** @param {Element} figure */
  const titleOf = (figure) => figure.querySelector('h3')?.textContent ?? '';

  /** Entries of the legend with their place, in as many rows as they take. @param {Element} figure @param {CanvasRenderingContext2D} pen @param {number} width */
  function legendOf(figure, pen, width) {
    let [left, row] = [0, 0];
    return [...figure.querySelectorAll('.legend li')].map((entry) => {
      const label = entry.textContent ?? '';
      const wide = pen.measureText(label).width;
      if (left > 0 && left + wide > width) [left, row] = [0, row + 1];
      const placed = { label, color: styleOf(entry.querySelector('svg') ?? entry, 'color'), left, row };
      left += wide + PADDING;
      return placed;
    });
  }

  /** The picture of a chart: title, legend, chart. @param {Element} figure */
  function pictureOf(figure) {
    const chart = /** @type {HTMLCanvasElement} */ (figure.querySelector('canvas'));
    const scale = chart.width / chart.clientWidth;
    const picture = document.createElement('canvas');
    const context = penOf(picture);
    const font = styleOf(root, 'font-family');
    context.font = `${TEXT_PIXELS}px ${font}`;
    const legend = legendOf(figure, context, chart.clientWidth);
    const rows = Math.max(0, ...legend.map(({ row }) => row + 1));
    const under = PADDING * 2 + TITLE_PIXELS;
    const top = under + rows * LINE_PIXELS;
    // Another size empties a canvas and forgets its pen's settings.
    picture.width = chart.width + 2 * PADDING * scale;
    picture.height = chart.height + (top + PADDING) * scale;
    context.scale(scale, scale);
    context.fillStyle = styleOf(root, 'background-color');
    context.fillRect(0, 0, picture.width, picture.height);
    context.fillStyle = styleOf(root, 'color');
    context.textBaseline = 'top';
    context.font = `600 ${TITLE_PIXELS}px ${font}`;
    context.fillText(titleOf(figure), PADDING, PADDING, chart.clientWidth);
    context.font = `${TEXT_PIXELS}px ${font}`;
    for (const { label, color, left, row } of legend) {
      context.fillStyle = color;
      context.fillText(label, PADDING + left, under + row * LINE_PIXELS);
    }
    context.drawImage(chart, PADDING, top, chart.clientWidth, chart.clientHeight);
    return picture;
  }

  /** Gives the reader a file. @param {string} address @param {string} title @param {string} extension */
  function give(address, title, extension) {
    const name = title
      .trim()
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-');
    const link = document.createElement('a');
    link.href = address;
    link.download = `${name}.${extension}`;
    link.click();
  }

  /** @param {HTMLElement} frame @param {string} format */
  function saveDrawing(frame, format) {
    const title = frame.dataset.picture ?? '';
    const { markup, width, height } = drawnAsSvg(frame);
    const address = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(markup)}`;
    if (format === 'svg') return give(address, title, 'svg');
    const image = document.createElement('img');
    image.addEventListener('load', () => {
      const picture = document.createElement('canvas');
      picture.width = width * DENSITY;
      picture.height = height * DENSITY;
      penOf(picture).drawImage(image, 0, 0, picture.width, picture.height);
      give(picture.toDataURL('image/png'), title, 'png');
    });
    image.src = address;
  }

  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (
    document.querySelectorAll('button.save')
  )) {
    const { format } = button.dataset;
    const frame = /** @type {HTMLElement} */ (
      button.closest(format === undefined ? 'figure' : '[data-picture]')
    );
    // Without this script there is nothing that the button could do.
    button.hidden = false;
    button.addEventListener('click', () => {
      if (format !== undefined) return saveDrawing(frame, format);
      give(pictureOf(frame).toDataURL('image/png'), titleOf(frame), 'png');
    });
  }
})();
