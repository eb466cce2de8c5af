/**
 * Draws the charts of a report in the reader's browser. Each canvas is followed by its data as JSON (ChartData in
 * figure.ts). Colours come from the style sheet's custom properties, so light, dark and print are one mechanism: when
 * they change, every chart is drawn anew. Pointing at a moment in one time chart marks it in all.
 */
(() => {
  /**
   * The few parts of the browser and of Chart.js that this uses. The project is compiled without the DOM library, which
   * would offer its globals to code that runs in Node.
   *
   * @typedef {{ label: string, color: string, shape: 'line' | 'steps' | 'bars' | 'points', dash?: number[], width?: number,
   *   marker?: 'circle' | 'triangle' | 'diamond', points: [number, number | null][] }} Series
   * @typedef {{ axis: 'percentiles' | 'time' | 'rate', xMin: number, xMax: number, drainFrom: number | null, unit: string,
   *   isLogarithmic: boolean, isStacked: boolean, bands?: Band[], series: Series[] }} ChartData
   * @typedef {{ mark: string, name: string, from: number, to: number, row: number }} Band
   * @typedef {{ getPixelForValue(value: number): number, getValueForPixel(pixel: number): number }} Scale
   * @typedef {{ save(): void, restore(): void, fillRect(x: number, y: number, w: number, h: number): void,
   *   beginPath(): void, rect(x: number, y: number, w: number, h: number): void, clip(): void, stroke(): void,
   *   moveTo(x: number, y: number): void, lineTo(x: number, y: number): void,
   *   fillText(text: string, x: number, y: number): void, measureText(text: string): { width: number },
   *   fillStyle: string, strokeStyle: string, lineWidth: number, font: string, textBaseline: string }} Pen
   * @typedef {{ ctx: Pen, scales: { x: Scale, y: Scale }, destroy(): void,
   *   chartArea: { left: number, right: number, top: number, bottom: number } }} DrawnChart
   * @typedef {{ hidden: boolean, open: boolean, textContent: string, dataset: Record<string, string>,
   *   style: Record<string, string>, closest(selector: string): Node, querySelector(selector: string): Node,
   *   getBoundingClientRect(): { left: number },
   *   addEventListener(type: string, listener: (event: { clientX: number }) => void): void }} Node
   * @typedef {{ document: { documentElement: Node, querySelectorAll(selector: string): Iterable<Node> },
   *   getComputedStyle(node: Node): { getPropertyValue(name: string): string },
   *   matchMedia(query: string): { addEventListener(type: string, listener: () => void): void },
   *   addEventListener(type: string, listener: () => void): void,
   *   Chart: { new (canvas: Node, options: object): DrawnChart, defaults: { font: { family: string, size: number } } }
   *   }} Browser
   */
  const browser = /** @type {Browser} */ (/** @type {unknown} */ (globalThis));
  const { document, Chart } = browser;
  const root = document.documentElement;

  /** Room for the y labels, the same in all time charts so that their plot areas line up. */
  const Y_AXIS_PX = 58;
  /** The percentiles that get a tick: x = 100 / (100 − percentile). */
  const PERCENTILE_TICKS = [1, 2, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7];

  const number = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });

  /** @type {{ canvas: Node, data: ChartData, chart: DrawnChart | null }[]} */
  const figures = [...document.querySelectorAll('figure.chart')].map((figure) => ({
    canvas: figure.querySelector('canvas'),
    data: JSON.parse(figure.querySelector('script').textContent),
    chart: null,
  }));

  /** @param {string} name */
  const color = (name) => browser.getComputedStyle(root).getPropertyValue(name).trim();

  /** @param {number} x */
  const percentileName = (x) => `p${Number((100 - 100 / x).toPrecision(7))}`;

  /** Ticks at 1, 2 and 5 times a power of ten; over many decades at the powers alone. @param {number} min @param {number} max */
  function roundTicks(min, max) {
    const steps = max / min > 2000 ? [1] : [1, 2, 5];
    const decades = Array.from({ length: 24 }, (_, index) => 10 ** (index - 12));
    return decades
      .flatMap((decade) => steps.map((step) => step * decade))
      .filter((tick) => tick >= min && tick <= max);
  }

  /** Round ticks; where the rates are so close that few are among them, even ones. @param {number} min @param {number} max */
  function rateTicks(min, max) {
    const ticks = roundTicks(min, max);
    if (ticks.length > 2) return ticks;
    const step = 10 ** Math.floor(Math.log10(max - min)) / 2;
    const first = Math.ceil(min / step);
    return Array.from({ length: Math.floor(max / step) - first + 1 }, (_, index) => (first + index) * step);
  }

  /** @param {Series} series */
  function dataset(series) {
    const stroke = color(series.color);
    const isBars = series.shape === 'bars';
    return {
      type: isBars ? 'bar' : 'line',
      label: series.label,
      data: series.points.map(([x, y]) => ({ x, y })),
      borderColor: stroke,
      backgroundColor: stroke,
      borderWidth: isBars ? 0 : (series.width ?? 1.5),
      borderDash: series.dash ?? [],
      stepped: series.shape === 'steps' ? 'before' : false,
      showLine: series.shape !== 'points',
      pointStyle: series.marker === 'diamond' ? 'rectRot' : (series.marker ?? 'circle'),
      pointRadius: radius(series),
      pointHoverRadius: 4,
      minBarLength: 2,
      ...(isBars ? { barThickness: 'flex', barPercentage: 0.9, categoryPercentage: 1 } : {}),
    };
  }

  /** @param {Series} series */
  function radius(series) {
    if (series.shape === 'points') return 6;
    return series.marker ? markedRadius : lonelyRadius;
  }

  /** Marks the percentiles that have a tick. @param {{ raw?: { x: number } }} context */
  function markedRadius({ raw }) {
    return raw !== undefined && PERCENTILE_TICKS.some((tick) => tick > 1 && Math.abs(raw.x / tick - 1) < 1e-4)
      ? 4
      : 0;
  }

  /** A point between two gaps has no line, so it gets a dot. @param {{ dataset: { data: { y: number | null }[] }, dataIndex: number }} context */
  function lonelyRadius({ dataset: { data }, dataIndex }) {
    const isGap = (/** @type {number} */ index) => (data[index]?.y ?? null) === null;
    return isGap(dataIndex - 1) && isGap(dataIndex + 1) ? 2 : 0;
  }

  /** @param {ChartData} data */
  function xAxis(data) {
    const line = { color: color('--grid'), offset: false };
    const text = { color: color('--quiet'), maxRotation: 0, autoSkipPadding: 16 };
    const range = { min: data.xMin, max: data.xMax, grid: line, border: { display: false } };
    if (data.axis === 'time') {
      const ticks = { ...text, callback: secondsName, includeBounds: false };
      return { ...range, type: 'linear', offset: false, stacked: data.isStacked, ticks };
    }
    if (data.axis === 'rate') {
      return {
        ...range,
        type: 'logarithmic',
        afterBuildTicks: (/** @type {{ ticks: { value: number }[] }} */ axis) => {
          axis.ticks = rateTicks(data.xMin, data.xMax).map((value) => ({ value }));
        },
        ticks: { ...text, autoSkip: false, callback: (/** @type {number} */ v) => `${number.format(v)}/s` },
      };
    }
    return {
      ...range,
      type: 'logarithmic',
      afterBuildTicks: (/** @type {{ ticks: { value: number }[] }} */ axis) => {
        axis.ticks = PERCENTILE_TICKS.filter((x) => x <= data.xMax * 1.001).map((value) => ({ value }));
      },
      ticks: { ...text, autoSkip: false, callback: percentileName },
    };
  }

  /** @param {number} seconds */
  const secondsName = (seconds) => `${number.format(seconds)} s`;

  /** @param {ChartData} data */
  function yAxis(data) {
    const ticks = {
      color: color('--quiet'),
      ...(data.isLogarithmic ? {} : { maxTicksLimit: 6 }),
      callback: (/** @type {number} */ v) => number.format(v),
    };
    const atRoundValues = (/** @type {{ min: number, max: number, ticks: { value: number }[] }} */ axis) => {
      axis.ticks = roundTicks(axis.min, axis.max).map((value) => ({ value }));
    };
    return {
      ...(data.isLogarithmic ? { afterBuildTicks: atRoundValues } : {}),
      type: data.isLogarithmic ? 'logarithmic' : 'linear',
      beginAtZero: true,
      stacked: data.isStacked,
      grid: { color: color('--grid') },
      border: { display: false },
      title: { display: false },
      ticks: { ...ticks, autoSkip: !data.isLogarithmic },
      afterFit: (/** @type {{ width: number }} */ axis) => {
        axis.width = Y_AXIS_PX;
      },
    };
  }

  /** Shades the drain behind the lines. @param {ChartData} data */
  const drainShade = (data) => ({
    id: 'drain',
    beforeDatasetsDraw(/** @type {DrawnChart} */ { ctx, chartArea, scales }) {
      if (data.drainFrom === null) return;
      const left = Math.max(chartArea.left, scales.x.getPixelForValue(data.drainFrom));
      ctx.save();
      ctx.fillStyle = color('--shade');
      ctx.fillRect(left, chartArea.top, chartArea.right - left, chartArea.bottom - chartArea.top);
      ctx.restore();
    },
  });

  /** Distance of the lines of a hatched band, and height of a row of marks, in pixels. */
  const HATCH_PX = 9;
  const MARK_PX = 15;

  /** Where a band lies in a chart, in pixels; at least two wide, or a short fault of a long run could not be seen.
   * @param {Band} band @param {DrawnChart} chart */
  function bandBox({ from, to }, { chartArea, scales }) {
    const within = (/** @type {number} */ x) => Math.min(chartArea.right, Math.max(chartArea.left, x));
    const left = within(scales.x.getPixelForValue(from));
    return { left, width: Math.max(2, within(scales.x.getPixelForValue(to)) - left) };
  }

  /** Shades and hatches the faults behind the lines: hatching tells them from the drain without colour. @param {ChartData} data */
  const faultBands = (data) => ({
    id: 'faults',
    beforeDatasetsDraw(/** @type {DrawnChart} */ chart) {
      for (const band of data.bands ?? []) hatch(chart, bandBox(band, chart));
    },
    afterDatasetsDraw(/** @type {DrawnChart} */ chart) {
      for (const band of data.bands ?? []) writeMark(chart, band, bandBox(band, chart).left, markRows(data));
    },
  });

  /** @param {DrawnChart} chart @param {{ left: number, width: number }} box */
  function hatch({ ctx, chartArea: { top, bottom } }, { left, width }) {
    const height = bottom - top;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();
    ctx.fillStyle = color('--fault-shade');
    ctx.fillRect(left, top, width, height);
    ctx.strokeStyle = color('--fault-line');
    ctx.lineWidth = 1;
    ctx.beginPath();
    for (let x = left - height; x < left + width; x += HATCH_PX) {
      ctx.moveTo(x, bottom);
      ctx.lineTo(x + height, top);
    }
    for (const edge of [left + 0.5, left + width - 0.5]) {
      ctx.moveTo(edge, top);
      ctx.lineTo(edge, bottom);
    }
    ctx.stroke();
    ctx.restore();
  }

  /** Rows of marks above the plot. @param {ChartData} data */
  const markRows = ({ bands = [] }) => Math.max(0, ...bands.map(({ row }) => row + 1));

  /** Writes a fault's mark above the start of its band.
   * @param {DrawnChart} chart @param {Band} band @param {number} left @param {number} rows */
  function writeMark({ ctx, chartArea }, { mark: text, row }, left, rows) {
    ctx.save();
    ctx.font = `600 11px ${color('--font') || 'sans-serif'}`;
    ctx.textBaseline = 'middle';
    const width = ctx.measureText(text).width + 8;
    const x = Math.min(left, chartArea.right - width);
    const y = chartArea.top - (rows - row) * MARK_PX;
    ctx.fillStyle = color('--fault');
    ctx.fillRect(x, y, width, MARK_PX - 1);
    ctx.fillStyle = color('--paper');
    ctx.fillText(text, x + 4, y + MARK_PX / 2);
    ctx.restore();
  }

  /** The faults at work at a second, as words behind it. @param {ChartData} data @param {number} second */
  function faultsAt({ bands = [] }, second) {
    const active = bands.filter(({ from, to }) => second >= from && second <= to);
    return active.map(({ mark: text, name }) => ` · ${text} ${name}`).join('');
  }

  /** @param {ChartData} data */
  function tooltip(data) {
    return {
      animation: false,
      itemSort: (/** @type {{ datasetIndex: number }} */ a, /** @type {{ datasetIndex: number }} */ b) =>
        b.datasetIndex - a.datasetIndex,
      callbacks: {
        title: (/** @type {{ parsed: { x: number } }[]} */ [item]) => {
          if (item === undefined) return '';
          if (data.axis === 'rate') return `${number.format(item.parsed.x)} messages/s`;
          const { x } = item.parsed;
          return data.axis === 'time' ? `${secondsName(x)}${faultsAt(data, x)}` : percentileName(x);
        },
        label: (
          /** @type {{ dataset: { label: string }, parsed: { y: number } }} */ { dataset: { label }, parsed },
        ) => `${label}: ${number.format(parsed.y)} ${data.unit}`,
      },
    };
  }

  /** @param {Node} canvas @param {ChartData} data */
  function draw(canvas, data) {
    return new Chart(canvas, {
      type: 'line',
      data: { datasets: data.series.map(dataset).reverse() },
      plugins: [drainShade(data), faultBands(data)],
      options: {
        animation: false,
        normalized: true,
        maintainAspectRatio: false,
        layout: { padding: { right: 12, top: 6 + markRows(data) * MARK_PX } },
        interaction: { mode: 'nearest', axis: 'x', intersect: false },
        plugins: { legend: { display: false }, tooltip: tooltip(data) },
        scales: { x: xAxis(data), y: yAxis(data) },
      },
    });
  }

  function drawAll() {
    Chart.defaults.font.family = color('--font') || 'sans-serif';
    Chart.defaults.font.size = 12;
    for (const figure of figures) {
      figure.chart?.destroy();
      figure.chart = draw(figure.canvas, figure.data);
    }
  }

  const timeFigures = figures.filter(({ data }) => data.axis === 'time');

  /** Marks a moment in every time chart; null takes the marks away. @param {number | null} second */
  function mark(second) {
    for (const { canvas, chart } of timeFigures) {
      const crosshair = canvas.closest('.canvas').querySelector('.crosshair');
      crosshair.hidden = second === null || chart === null;
      if (second !== null && chart !== null)
        crosshair.style.left = `${chart.scales.x.getPixelForValue(second)}px`;
    }
  }

  for (const figure of timeFigures) {
    figure.canvas.addEventListener('pointermove', ({ clientX }) => {
      const { scales } = figure.chart ?? {};
      const second = scales?.x.getValueForPixel(clientX - figure.canvas.getBoundingClientRect().left) ?? -1;
      mark(second >= figure.data.xMin && second <= figure.data.xMax ? second : null);
    });
    figure.canvas.addEventListener('pointerleave', () => mark(null));
  }

  /** @type {Node[]} */
  let openedForPrint = [];
  browser.addEventListener('beforeprint', () => {
    openedForPrint = [...document.querySelectorAll('details:not([open])')];
    for (const details of openedForPrint) details.open = true;
    root.dataset.print = 'yes';
    drawAll();
  });
  browser.addEventListener('afterprint', () => {
    for (const details of openedForPrint) details.open = false;
    delete root.dataset.print;
    drawAll();
  });
  browser.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
  drawAll();
})();
