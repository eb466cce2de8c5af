/**
 * Numbers by index, 0 until they are set, in pages that are made when first written to. A metric that counts for a minute then
 * takes a minute's room, and one that never counts takes none, however long the time that its numbers may cover.
 */

/** Numbers of a page: 2 kB. */
export const PAGE_NUMBERS = 256;

export class PagedNumbers {
  readonly #pages: (Float64Array<ArrayBuffer> | undefined)[] = [];

  get(index: number): number {
    return this.#pages[Math.floor(index / PAGE_NUMBERS)]?.[index % PAGE_NUMBERS] ?? 0;
  }

  set(index: number, value: number): void {
    this.page(index)[index % PAGE_NUMBERS] = value;
  }

  /** The page that holds the index, at the index modulo {@link PAGE_NUMBERS}. */
  page(index: number): Float64Array<ArrayBuffer> {
    const at = Math.floor(index / PAGE_NUMBERS);
    this.#pages[at] ??= new Float64Array(PAGE_NUMBERS);
    return this.#pages[at];
  }

  /** Sets `count` numbers within one page to 0. */
  clear(index: number, count: number): void {
    const page = this.#pages[Math.floor(index / PAGE_NUMBERS)];
    page?.fill(0, index % PAGE_NUMBERS, (index % PAGE_NUMBERS) + count);
  }
}
