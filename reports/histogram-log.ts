/**
 * Reads latency.hlog, a HdrHistogram log (V2, compressed) with one tagged line per series and second, and merges each
 * series into one histogram. Merging adds counts, so the merged percentiles are those of all samples together, to the
 * log's own precision. A line that can't be decoded, such as the last of a run that was killed, is counted, not fatal.
 */
import { build, type Histogram, HistogramLogReader } from 'hdr-histogram-js';

/** The series of a log, merged over time. Values are microseconds. */
export interface MergedLog {
  readonly histograms: ReadonlyMap<string, Histogram>;
  /** Lines of the wanted tags that could not be decoded. */
  readonly damagedLines: number;
}

const TAG = /^Tag=([^,]*),/;

/** Merges the lines of the wanted tags; others are skipped undecoded. A tag without lines is absent from the map. */
export function mergeLog(text: string, tags: readonly string[]): MergedLog {
  const histograms = new Map<string, Histogram>();
  let damagedLines = 0;
  for (const line of text.split(/\r?\n/)) {
    if (!line.startsWith('Tag=')) continue;
    const tag = TAG.exec(line)?.[1];
    if (tag !== undefined && !tags.includes(tag)) continue;
    const interval = tag === undefined ? null : decode(line);
    if (tag === undefined || interval === null) damagedLines++;
    else mergedInto(histograms, tag, interval).add(interval);
  }
  return { histograms, damagedLines };
}

/** One reader per line: a reader that has thrown is in no defined state. */
function decode(line: string): Histogram | null {
  try {
    return new HistogramLogReader(line).nextIntervalHistogram();
  } catch {
    return null;
  }
}

function mergedInto(histograms: Map<string, Histogram>, tag: string, like: Histogram): Histogram {
  const known = histograms.get(tag);
  if (known !== undefined) return known;
  const merged = build({
    bitBucketSize: 64,
    autoResize: true,
    numberOfSignificantValueDigits: like.numberOfSignificantValueDigits as 1 | 2 | 3 | 4 | 5,
  });
  histograms.set(tag, merged);
  return merged;
}
