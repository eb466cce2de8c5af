/** The tables of a page's text, to see whether two of their cells could be taken for each other. */

export interface TableCell {
  readonly row: string;
  readonly column: string;
  readonly text: string;
}

export interface PageTable {
  readonly caption: string;
  readonly cells: readonly TableCell[];
}

/** The tables in their order. */
export function tablesIn(lines: readonly string[]): PageTable[] {
  const tables: { caption: string; cells: TableCell[] }[] = [];
  let isInTable = false;
  for (const line of lines) {
    const [, caption] = /^table: (.*)$/.exec(line) ?? [];
    const [, row, column, text] = /^ {2}(.*) · ([^:]*): (.*)$/.exec(line) ?? [];
    if (caption !== undefined) tables.push({ caption, cells: [] });
    isInTable = caption !== undefined || (isInTable && row !== undefined);
    if (isInTable && row !== undefined) tables.at(-1)!.cells.push({ row, column: column!, text: text! });
  }
  return tables;
}

/** Figures, apart from none, that stand twice in a row or in a column: `row ROW: FIGURE in COLUMN, COLUMN`. */
export function equalFigures({ cells }: PageTable): string[] {
  const figures = cells.filter(({ text }) => /^[[$−+<]?\s*\d/.test(text) && !/^0( |$|\.0$)/.test(text));
  return (['row', 'column'] as const).flatMap((axis) => {
    const other = axis === 'row' ? 'column' : 'row';
    const places = new Map<string, string[]>();
    for (const cell of figures) {
      const where = `${axis} ${cell[axis]}: ${cell.text}`;
      places.set(where, [...(places.get(where) ?? []), cell[other]]);
    }
    return [...places]
      .filter(([, same]) => same.length > 1)
      .map(([where, same]) => `${where} in ${same.join(', ')}`);
  });
}
