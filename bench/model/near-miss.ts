/**
 * What a person probably meant by a name that does not exist. Names are compared as people mistype them: case, dashes and
 * underscores make no difference, and neither does the end of a name that was cut short.
 */

/** Letters that may be wrong: one in a short name, and one more for each four of a longer one. */
const allowedEdits = (length: number): number => 1 + Math.floor(length / 5);

/** A beginning of fewer letters fits too many names. */
const MIN_BEGINNING = 3;

/** No name of ours is longer, and the comparison takes the product of both lengths. */
const MAX_LENGTH = 60;

/** The nearest of the names, or null where none is near, or several are equally near. */
export function nearest(word: string, names: readonly string[]): string | null {
  if (word.length > MAX_LENGTH) return null;
  const wanted = plainOf(word);
  const near = names
    .map((name) => ({ name, edits: editsBetween(wanted, plainOf(name)) }))
    .filter(({ name, edits }) => edits <= allowedEdits(Math.min(wanted.length, plainOf(name).length)))
    .sort((a, b) => a.edits - b.edits);
  const beginning =
    wanted.length < MIN_BEGINNING ? [] : names.filter((name) => plainOf(name).startsWith(wanted));
  if (near.length > 1 && near[0]!.edits === near[1]!.edits) return null;
  return near[0]?.name ?? (beginning.length === 1 ? beginning[0]! : null);
}

/** `; did you mean X?`, or nothing; for the end of a sentence that refuses a name. */
export function orNearest(word: string, names: readonly string[]): string {
  const name = nearest(word, names);
  return name === null ? '' : `; did you mean ${name}?`;
}

function plainOf(name: string): string {
  return name.replaceAll(/[-_]/g, '').toLowerCase();
}

/** Optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours. */
function editsBetween(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? rows[i - 2]![j - 2]! + 1 : replaced;
      row.push(Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, replaced, swapped));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
