/** Blocks of a document as markup, for tests that look at a part of a page. */
import type { Blocks } from '../document/blocks.ts';
import { renderHtml } from '../document/html.ts';

/** The blocks as the page has them, without the frame around. */
export function markupOf(blocks: Blocks): string {
  const page = renderHtml({ kind: '', madeFrom: '', heading: '', title: '', subtitle: [], blocks });
  return page.slice(page.indexOf('</header>') + 9, page.indexOf('</main>')).trim();
}
