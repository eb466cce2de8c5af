/**
 * Turns a drawing of a report into an SVG file that stands alone: what the browser has laid out, with every colour, size and
 * place written out, so that it looks the same without the page's style sheet. SVG inside it stays SVG; squares and words of
 * tables become rectangles and text. It makes the text of a file and does nothing else; save.client.js asks for it.
 */
(() => {
  /** @typedef {{ left: number, top: number, right: number, bottom: number, width: number, height: number }} Box */
  /** @typedef {{ markup: string, width: number, height: number }} Picture */

  const root = document.documentElement;

  const SVG = 'http://www.w3.org/2000/svg';
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

  /** @param {Element} node @param {string} property */
  const styleOf = (node, property) => getComputedStyle(node).getPropertyValue(property);

  /** @param {number} value */
  const rounded = (value) => String(Math.round(value * 100) / 100);

  /** @param {string} name @param {Record<string, string | number>} attributes @param {string} [text] @returns {SVGElement} */
  function element(name, attributes, text) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes))
      made.setAttribute(key, typeof value === 'number' ? rounded(value) : value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  /** Lines of a text as the browser has broken it, each with its place. @param {Text} node */
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

  const pen = /** @type {CanvasRenderingContext2D} */ (document.createElement('canvas').getContext('2d'));

  /** Share of a line's height that is above its base line. @param {Element} styled */
  function ascentOf(styled) {
    pen.font = `${styleOf(styled, 'font-weight')} ${styleOf(styled, 'font-size')} ${styleOf(styled, 'font-family')}`;
    const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = pen.measureText('x');
    return above / (above + below);
  }

  /** The parts of a picture and how far they reach. */
  class Sheet {
    /** @type {Element[]} */
    parts = [];
    /** @type {Box | null} */
    extent = null;

    /** @param {Element} part @param {Box} box */
    add(part, box) {
      this.parts.push(part);
      this.extent = this.extent === null ? box : around(this.extent, box);
    }

    /** @param {Node} node */
    draw(node) {
      if (node instanceof Text) return this.write(node);
      if (!(node instanceof Element) || node.matches(LEFT_OUT) || styleOf(node, 'display') === 'none') return;
      if (node.namespaceURI === SVG) return this.add(standalone(node), node.getBoundingClientRect());
      this.fill(node);
      for (const child of node.childNodes) this.draw(child);
    }

    /** @param {Text} node */
    write(node) {
      const styled = node.parentElement ?? root;
      for (const { text, box } of linesOf(node)) {
        const place = { x: box.left, y: box.top + box.height * ascentOf(styled) };
        const font = {
          'font-size': styleOf(styled, 'font-size'),
          'font-weight': styleOf(styled, 'font-weight'),
        };
        this.add(element('text', { ...place, ...font, fill: styleOf(styled, 'color') }, text), box);
      }
    }

    /** Background and border of a box; a border that is not all around is a line below. @param {Element} node */
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

  /** A copy of an SVG at its place, which needs no style sheet. @param {Element} original */
  function standalone(original) {
    const copy = /** @type {Element} */ (original.cloneNode(true));
    const [originals, copies] = [original, copy].map((root) => [root, ...root.querySelectorAll('*')]);
    for (const [index, node] of (copies ?? []).entries())
      resolve(originals?.[index] ?? original, node, index === 0);
    const { left, top, width, height } = original.getBoundingClientRect();
    for (const [name, value] of Object.entries({ x: left, y: top, width, height }))
      copy.setAttribute(name, rounded(value));
    copy.setAttribute('overflow', 'visible');
    return copy;
  }

  /** Writes out what an element looks like, and leaves out what only the page needs. @param {Element} original @param {Element} copy @param {boolean} isRoot */
  function resolve(original, copy, isRoot) {
    for (const property of PROPERTIES) {
      const value = styleOf(original, property);
      const given = property === 'opacity' ? '1' : styleOf(original.parentElement ?? root, property);
      if (isRoot || value !== given || copy.hasAttribute(property)) copy.setAttribute(property, value);
    }
    for (const { name } of [...copy.attributes])
      if (/^(class|style|id|role|aria-.*)$/.test(name)) copy.removeAttribute(name);
  }

  /** The drawing in a frame as the text of an SVG file. @param {HTMLElement} frame @returns {Picture} */
  function drawnAsSvg(frame) {
    const sheet = new Sheet();
    for (const child of frame.children) sheet.draw(child);
    const title = frame.dataset.picture ?? '';
    const isTitled = frame.querySelector('h3, figcaption') !== null;
    const { left = 0, top = 0, width = 0, height = 0 } = sheet.extent ?? {};
    const above = isTitled ? PADDING : 2 * PADDING + TITLE_PIXELS;
    const size = { width: Math.ceil(width + 2 * PADDING), height: Math.ceil(height + above + PADDING) };
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
    return { markup: new XMLSerializer().serializeToString(picture), ...size };
  }

  Object.assign(globalThis, { drawnAsSvg });
})();
