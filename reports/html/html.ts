/** The markup of pages that are no documents yet. */
import { Html, html, type Inline, trusted } from '../document/inline.ts';

export { Html, html, trusted };
export type Content = Inline;

/** The empty markup. */
export const NOTHING = new Html('');
