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
   *   isLogarithmic: boolean, isStacked: boolean, series: Series[] }} ChartData
   * @typedef {{ getPixelForValue(value: number): number, getValueForPixel(pixel: number): number }} Scale
   * @typedef {{ save(): void, restore(): void, fillRect(x: number, y: number, w: number, h: number): void,
   *   fillStyle: string }} Pen
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
          return data.axis === 'time' ? secondsName(item.parsed.x) : percentileName(item.parsed.x);
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
      plugins: [drainShade(data)],
      options: {
        animation: false,
        normalized: true,
        maintainAspectRatio: false,
        layout: { padding: { right: 12, top: 6 } },
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
