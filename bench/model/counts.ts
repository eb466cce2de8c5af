/**
 * Counts by name, which add. One implementation for every such map, because a merge adds millions of them: most are empty,
 * and none deserves a list of its entries.
 */

/** Adds `other` into `sum`, name by name. A name that is missing counts nothing. */
export function addCounts<Key extends string | number>(
  sum: { [K in Key]?: number },
  other: { readonly [K in Key]?: number | undefined },
): void {
  for (const key in other) sum[key] = (sum[key] ?? 0) + (other[key] ?? 0);
}
