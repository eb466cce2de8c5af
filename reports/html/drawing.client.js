/**
 * Turns a drawing of a report into an SVG file that stands alone: what the browser has laid out, with every colour, size and
 * place written out, so that it looks the same without the page's style sheet. SVG inside it stays SVG; squares and words of
 * tables become rectangles and text. It makes the text of a file and does nothing else; save.client.js asks for it.
 */
(() => {
  /**
   * The few parts of the browser that this uses; see charts.client.js for why they are written down here.
   *
   * @typedef {{ left: number, top: number, right: number, bottom: number, width: number, height: number }} Box
   * @typedef {{ nodeType: number, data: string, childNodes: Iterable<Node>, textContent: string, dataset: Record<string, string>,
   *   namespaceURI: string, parentElement: Node, attributes: Iterable<{ name: string }>,
   *   getAttribute(name: string): string | null, setAttribute(name: string, value: string): void, hasAttribute(name: string): boolean,
   *   removeAttribute(name: string): void, append(...nodes: Node[]): void, cloneNode(deep: boolean): Node,
   *   matches(selector: string): boolean, querySelector(selector: string): Node | null,
   *   querySelectorAll(selector: string): Iterable<Node>, getBoundingClientRect(): Box }} Node
   * @typedef {{ setStart(node: Node, offset: number): void, setEnd(node: Node, offset: number): void, getClientRects(): Iterable<Box> }} Range
   * @typedef {{ font: string, measureText(text: string): { fontBoundingBoxAscent: number, fontBoundingBoxDescent: number } }} Pen
   * @typedef {{ document: { title: string, documentElement: Node, createRange(): Range, createElement(name: string): { getContext(kind: '2d'): Pen },
   *   createElementNS(namespace: string, name: string): Node },
   *   getComputedStyle(node: Node): { getPropertyValue(name: string): string },
   *   XMLSerializer: { new (): { serializeToString(node: Node): string } },
   *   drawnAsSvg?: (frame: Node) => Picture }} Browser
   * @typedef {{ markup: string, width: number, height: number }} Picture
   */
  const browser = /** @type {Browser} */ (/** @type {unknown} */ (globalThis));
  const { document } = browser;

  const SVG = 'http://www.w3.org/2000/svg';
  const TEXT_NODE = 3;
  const PADDING = 16;
  const TITLE_PIXELS = 16;

  /** What is on the page for its reader and not in the picture. */
  const LEFT_OUT = '.saves, .unseen, .note, details, script, [hidden]';

  /** All that our style sheets set on what is drawn. All but the last are inherited. */
  const PROPERTIES = [
    ...[
      'fill',
      'fill-opacity',
      'stroke',
      'stroke-width',
      'stroke-dasharray',
      'stroke-linejoin',
      'paint-order',
    ],
    ...['font-family', 'font-size', 'font-weight', 'text-anchor', 'opacity'],
  ];

  /** @param {Node} node @param {string} property */
  const styleOf = (node, property) => browser.getComputedStyle(node).getPropertyValue(property);

  /** @param {number} value */
  const rounded = (value) => String(Math.round(value * 100) / 100);

  /** @param {string} name @param {Record<string, string | number>} attributes @param {string} [text] @returns {Node} */
  function element(name, attributes, text) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes))
      made.setAttribute(key, typeof value === 'number' ? rounded(value) : value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  /** Lines of a text as the browser has broken it, each with its place. @param {Node} node */
  function linesOf(node) {
    const range = document.createRange();
    /** @type {{ text: string, box: Box }[]} */
    const lines = [];
    let offset = 0;
    for (const character of node.data) {
      range.setStart(node, offset);
      offset += character.length;
      range.setEnd(node, offset);
      const box = [...range.getClientRects()].find(({ width }) => width > 0);
      const line = lines.at(-1);
      // White space that the browser has collapsed has no width, or begins a line.
      if (box === undefined || (character.trim() === '' && line === undefined)) continue;
      if (line !== undefined && box.top < line.box.bottom && box.left >= line.box.right - 1)
        lines[lines.length - 1] = { text: line.text + character, box: around(line.box, box) };
      else if (character.trim() !== '') lines.push({ text: character, box });
    }
    return lines.map(({ text, box }) => ({ text: text.trimEnd().replaceAll(/\s+/g, ' '), box }));
  }

  /** @param {Box} a @param {Box} b @returns {Box} */
  function around(a, b) {
    const [left, top] = [Math.min(a.left, b.left), Math.min(a.top, b.top)];
    const [right, bottom] = [Math.max(a.right, b.right), Math.max(a.bottom, b.bottom)];
    return { left, top, right, bottom, width: right - left, height: bottom - top };
  }

  const pen = document.createElement('canvas').getContext('2d');

  /** Share of a line's height that is above its base line. @param {Node} styled */
  function ascentOf(styled) {
    pen.font = `${styleOf(styled, 'font-weight')} ${styleOf(styled, 'font-size')} ${styleOf(styled, 'font-family')}`;
    const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = pen.measureText('x');
    return above / (above + below);
  }

  /** The parts of a picture and how far they reach. */
  class Sheet {
    /** @type {Node[]} */
    parts = [];
    /** @type {Box | null} */
    extent = null;

    /** @param {Node} part @param {Box} box */
    add(part, box) {
      this.parts.push(part);
      this.extent = this.extent === null ? box : around(this.extent, box);
    }

    /** @param {Node} node */
    draw(node) {
      if (node.nodeType === TEXT_NODE) return this.write(node);
      if (node.matches(LEFT_OUT) || styleOf(node, 'display') === 'none') return;
      if (node.namespaceURI === SVG) return this.add(standalone(node), node.getBoundingClientRect());
      this.fill(node);
      for (const child of node.childNodes)
        if (child.nodeType === TEXT_NODE || child.matches !== undefined) this.draw(child);
    }

    /** @param {Node} node */
    write(node) {
      const styled = node.parentElement;
      for (const { text, box } of linesOf(node)) {
        const place = { x: box.left, y: box.top + box.height * ascentOf(styled) };
        const font = {
          'font-size': styleOf(styled, 'font-size'),
          'font-weight': styleOf(styled, 'font-weight'),
        };
        this.add(element('text', { ...place, ...font, fill: styleOf(styled, 'color') }, text), box);
      }
    }

    /** Background and border of a box; a border that is not all around is a line below. @param {Node} node */
    fill(node) {
      const box = node.getBoundingClientRect();
      if (box.width === 0 || box.height === 0) return;
      const { left, bottom, width, height } = box;
      const place = {
        x: left,
        y: box.top,
        width,
        height,
        rx: Number.parseFloat(styleOf(node, 'border-radius')) || 0,
      };
      const background = styleOf(node, 'background-color');
      if (!isClear(background)) this.add(element('rect', { ...place, fill: background }), box);
      const line = { stroke: styleOf(node, 'border-bottom-color'), fill: 'none' };
      const dash = styleOf(node, 'border-bottom-style') === 'dashed' ? { 'stroke-dasharray': '3 3' } : {};
      if (Number.parseFloat(styleOf(node, 'border-bottom-width')) === 0 || isClear(line.stroke)) return;
      if (Number.parseFloat(styleOf(node, 'border-top-width')) > 0)
        this.add(element('rect', { ...place, ...line, ...dash }), box);
      else
        this.add(
          element('path', { ...line, ...dash, d: `M${rounded(left)} ${rounded(bottom)}h${rounded(width)}` }),
          box,
        );
    }
  }

  /** @param {string} color */
  const isClear = (color) => color === 'transparent' || /^rgba\(.*, 0\)$/.test(color);

  /** A copy of an SVG at its place, which needs no style sheet. @param {Node} original @returns {Node} */
  function standalone(original) {
    const copy = original.cloneNode(true);
    const [originals, copies] = [original, copy].map((root) => [root, ...root.querySelectorAll('*')]);
    for (const [index, node] of (copies ?? []).entries())
      resolve(/** @type {Node} */ (originals?.[index]), node, index === 0);
    const { left, top, width, height } = original.getBoundingClientRect();
    for (const [name, value] of Object.entries({ x: left, y: top, width, height }))
      copy.setAttribute(name, rounded(value));
    copy.setAttribute('overflow', 'visible');
    return copy;
  }

  /** Writes out what an element looks like, and leaves out what only the page needs. @param {Node} original @param {Node} copy @param {boolean} isRoot */
  function resolve(original, copy, isRoot) {
    for (const property of PROPERTIES) {
      const value = styleOf(original, property);
      const given = property === 'opacity' ? '1' : styleOf(original.parentElement, property);
      if (isRoot || value !== given || copy.hasAttribute(property)) copy.setAttribute(property, value);
    }
    for (const { name } of [...copy.attributes])
      if (/^(class|style|id|role|aria-.*)$/.test(name)) copy.removeAttribute(name);
  }

  /** The drawing in a frame as the text of an SVG file. @param {Node} frame @returns {Picture} */
  function drawnAsSvg(frame) {
    const sheet = new Sheet();
    for (const child of frame.childNodes)
      if (child.nodeType !== TEXT_NODE && child.matches !== undefined) sheet.draw(child);
    const title = frame.dataset.picture ?? '';
    const isTitled = frame.querySelector('h3, figcaption') !== null;
    const { left = 0, top = 0, width = 0, height = 0 } = sheet.extent ?? {};
    const above = isTitled ? PADDING : 2 * PADDING + TITLE_PIXELS;
    const size = { width: Math.ceil(width + 2 * PADDING), height: Math.ceil(height + above + PADDING) };
    const root = document.documentElement;
    const ink = { fill: styleOf(root, 'color'), 'font-family': styleOf(root, 'font-family') };
    const picture = element('svg', { ...size, viewBox: `0 0 ${size.width} ${size.height}`, ...ink });
    const paper = element('rect', { width: '100%', height: '100%', fill: styleOf(root, 'background-color') });
    const content = element('g', {
      transform: `translate(${rounded(PADDING - left)} ${rounded(above - top)})`,
    });
    content.append(...sheet.parts);
    const head = {
      x: PADDING,
      y: PADDING + TITLE_PIXELS - 2,
      'font-size': `${TITLE_PIXELS}px`,
      'font-weight': '600',
    };
    picture.append(element('title', {}, title), element('desc', {}, document.title), paper);
    picture.append(...(isTitled ? [] : [element('text', head, title)]), content);
    return { markup: new browser.XMLSerializer().serializeToString(picture), ...size };
  }

  browser.drawnAsSvg = drawnAsSvg;
})();
