/** What was said about codes: for each the first text, since one of each is what a reader needs. */

/** More kinds of failure than that are noise; their counts have no limit. */
const MAX_DETAILS = 20;

/** Codes with a text each. */
export type Details = Readonly<Record<string, string>>;

/** Adds those of codes that have none yet. */
export function addDetails(sum: Record<string, string>, other: Details): void {
  for (const [code, detail] of Object.entries(other)) {
    if (detail === '' || Object.hasOwn(sum, code) || Object.keys(sum).length >= MAX_DETAILS) continue;
    sum[code] = detail;
  }
}

/** `HTTP_429 5 (it answered 429 Too Many Requests), …`: counts by code with what was said of each. */
export function countsWithDetails(counts: Readonly<Record<string, number>>, details: Details): string {
  return Object.entries(counts)
    .map(([code, count]) => `${code} ${count}${details[code] === undefined ? '' : ` (${details[code]})`}`)
    .join(', ');
}
