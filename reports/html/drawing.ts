/**
 * Drawings made of SVG or of a table's squares, and the buttons by which a reader takes one away. What stands inside the
 * frame is the picture; the buttons, folded data and what only a screen reader is told are not part of it.
 */
import { type Content, type Html, html } from './html.ts';

/** Buttons for the element around them whose `data-picture` is the title. Hidden until save.client.js shows them. */
export function saveButtons(title: string): Html {
  const button = (format: 'svg' | 'png') =>
    html`<button type="button" class="save" data-format="${format}" hidden>Save as ${format.toUpperCase()}<span class="unseen">: ${title}</span></button>`;
  return html`<div class="saves">${button('svg')} ${button('png')}</div>`;
}

/** What is drawn with HTML, as a picture that can be saved under its title. */
export function drawing(title: string, content: Content): Html {
  return html`<div class="drawing" data-picture="${title}">
${content}${saveButtons(title)}
</div>
`;
}
