/**
 * Draws the charts of a report in the reader's  Each canvas is followed by its data as JSON (ChartData in
 * figure.ts). Colours come from the style sheet's custom properties, so light, dark and print are one mechanism: when
 * they change, every chart is drawn anew. Pointing at a moment in one time chart marks it in all.
 */
(() => {
  /** @typedef {import('./chart-data.ts').ChartData} ChartData */
  /** @typedef {import('./chart-data.ts').Series} Series */
  /** @typedef {import('./chart-data.ts').Band} Band */
  /** @typedef {import('chart.js').Chart} DrawnChart */
  /** @typedef {import('chart.js').Scale} Scale */
  /** @typedef {import('chart.js').TooltipItem<'line'>} TooltipItem */
  const { Chart } = /** @type {{ Chart: typeof import('chart.js').Chart }} */ (
    /** @type {unknown} */ (globalThis)
  );
  const root = document.documentElement;

  /** Room for the y labels, the same in all time charts so that their plot areas line up. */
  const Y_AXIS_PX = 58;
  const number = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });

  const figures = [...document.querySelectorAll('figure.chart')].map((figure) => ({
    canvas: /** @type {HTMLCanvasElement} */ (figure.querySelector('canvas')),
    crosshair: /** @type {HTMLElement} */ (figure.querySelector('.crosshair')),
    data: /** @type {ChartData} */ (JSON.parse(figure.querySelector('script')?.textContent ?? '')),
    chart: /** @type {DrawnChart | null} */ (null),
  }));

  /** @param {string} name */
  const color = (name) => getComputedStyle(root).getPropertyValue(name).trim();

  /** @param {number} x */
  const percentileName = (x) => `p${Number((100 - 100 / x).toPrecision(7))}`;

  /** Puts ticks where the page says. @param {readonly number[]} values */
  const ticksAt = (values) => (/** @type {Scale} */ axis) => {
    axis.ticks = values.map((value) => ({ value }));
  };

  /** @param {Series} series @param {ChartData} data */
  function dataset(series, data) {
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
      pointRadius: radius(series, data),
      pointHoverRadius: 4,
      minBarLength: 2,
      ...(isBars ? { barThickness: 'flex', barPercentage: 0.9, categoryPercentage: 1 } : {}),
    };
  }

  /** @param {Series} series @param {ChartData} data */
  function radius(series, { xTicks = [] }) {
    if (series.shape === 'points') return 6;
    return series.marker ? markedRadius(xTicks) : lonelyRadius;
  }

  /** Marks the percentiles that have a tick. @param {readonly number[]} ticks */
  const markedRadius =
    (ticks) =>
    (/** @type {{ raw?: unknown }} */ { raw }) => {
      const { x } = /** @type {{ x: number }} */ (raw ?? { x: 0 });
      return ticks.some((tick) => tick > 1 && Math.abs(x / tick - 1) < 1e-4) ? 4 : 0;
    };

  /** A point between two gaps has no line, so it gets a dot. @param {{ dataset: { data: { y: number | null }[] }, dataIndex: number }} context */
  function lonelyRadius({ dataset: { data }, dataIndex }) {
    const isGap = (/** @type {number} */ index) => (data[index]?.y ?? null) === null;
    return isGap(dataIndex - 1) && isGap(dataIndex + 1) ? 2 : 0;
  }

  /** @param {number} seconds */
  const secondsName = (seconds) => `${number.format(seconds)} s`;

  const X_NAMES = {
    time: secondsName,
    rate: (/** @type {number} */ rate) => `${number.format(rate)}/s`,
    percentiles: percentileName,
  };

  /** @param {ChartData} data */
  function xAxis({ axis, xMin, xMax, xTicks, isStacked = false }) {
    const grid = { color: color('--grid'), offset: false };
    const text = { color: color('--quiet'), maxRotation: 0, autoSkipPadding: 16, callback: X_NAMES[axis] };
    const range = { min: xMin, max: xMax, grid, border: { display: false } };
    return xTicks === undefined
      ? {
          ...range,
          type: 'linear',
          offset: false,
          stacked: isStacked,
          ticks: { ...text, includeBounds: false },
        }
      : {
          ...range,
          type: 'logarithmic',
          afterBuildTicks: ticksAt(xTicks),
          ticks: { ...text, autoSkip: false },
        };
  }

  /** @param {ChartData} data */
  function yAxis({ y, isStacked = false }) {
    const ticks = { color: color('--quiet'), callback: (/** @type {number} */ v) => number.format(v) };
    return {
      ...(y === undefined
        ? { type: 'linear', ticks: { ...ticks, maxTicksLimit: 6 } }
        : {
            ...{ type: 'logarithmic', min: y.min, max: y.max, afterBuildTicks: ticksAt(y.ticks) },
            ticks: { ...ticks, autoSkip: false },
          }),
      beginAtZero: true,
      stacked: isStacked,
      grid: { color: color('--grid') },
      border: { display: false },
      title: { display: false },
      afterFit: (/** @type {Scale} */ axis) => {
        axis.width = Y_AXIS_PX;
      },
    };
  }

  /** @param {DrawnChart['scales']} scales @param {number} x */
  const pixelAt = ({ x: axis }, x) => axis?.getPixelForValue(x) ?? 0;

  /** Shades the drain behind the lines. @param {ChartData} data */
  const drainShade = (data) => ({
    id: 'drain',
    beforeDatasetsDraw(/** @type {DrawnChart} */ { ctx, chartArea, scales }) {
      const { drainFrom = null } = data;
      if (drainFrom === null) return;
      const left = Math.max(chartArea.left, pixelAt(scales, drainFrom));
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
    const left = within(pixelAt(scales, from));
    return { left, width: Math.max(2, within(pixelAt(scales, to)) - left) };
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
    const xName =
      data.axis === 'rate'
        ? (/** @type {number} */ x) => `${number.format(x)} messages/s`
        : X_NAMES[data.axis];
    return {
      animation: false,
      itemSort: (/** @type {TooltipItem} */ a, /** @type {TooltipItem} */ b) =>
        b.datasetIndex - a.datasetIndex,
      callbacks: {
        title: (/** @type {TooltipItem[]} */ [item]) => {
          const x = item?.parsed.x ?? null;
          return x === null ? '' : `${xName(x)}${data.axis === 'time' ? faultsAt(data, x) : ''}`;
        },
        label: (/** @type {TooltipItem} */ { dataset: { label }, parsed: { y } }) =>
          `${label}: ${number.format(y ?? 0)} ${data.unit}`,
      },
    };
  }

  /** @param {HTMLCanvasElement} canvas @param {ChartData} data */
  function draw(canvas, data) {
    // What the options are is more than the library's types can follow.
    const configuration = /** @type {import('chart.js').ChartConfiguration} */ (
      /** @type {unknown} */ ({
        type: 'line',
        data: { datasets: data.series.map((series) => dataset(series, data)).reverse() },
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
      })
    );
    return new Chart(canvas, configuration);
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
    for (const { crosshair, chart } of timeFigures) {
      crosshair.hidden = second === null || chart === null;
      if (second !== null && chart !== null) crosshair.style.left = `${pixelAt(chart.scales, second)}px`;
    }
  }

  for (const figure of timeFigures) {
    figure.canvas.addEventListener('pointermove', ({ clientX }) => {
      const { left } = figure.canvas.getBoundingClientRect();
      const second = figure.chart?.scales.x?.getValueForPixel(clientX - left) ?? -1;
      mark(second >= figure.data.xMin && second <= figure.data.xMax ? second : null);
    });
    figure.canvas.addEventListener('pointerleave', () => mark(null));
  }

  /** @type {HTMLDetailsElement[]} */
  let openedForPrint = [];
  addEventListener('beforeprint', () => {
    openedForPrint = [
      .../** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll('details:not([open])')),
    ];
    for (const details of openedForPrint) details.open = true;
    root.dataset.print = 'yes';
    drawAll();
  });
  addEventListener('afterprint', () => {
    for (const details of openedForPrint) details.open = false;
    delete root.dataset.print;
    drawAll();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
  drawAll();
})();
