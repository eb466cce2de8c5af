/**
 * latency.hlog: the standard HdrHistogram interval log (format 1.3, V2 compressed histograms), one tagged line per series
 * and second, values in microseconds. Any HdrHistogram log reader opens it, and adding up the lines of a tag gives the
 * distribution behind result.json, bucket for bucket.
 */
import { HistogramLogWriter } from 'hdr-histogram-js';
import type { SecondSum } from './second.ts';

const LOGGED_SERIES = ['response', 'service', 'sendLag'] as const;

/** The log of the seconds of a run whose measurement began at `measuredFromEpochMs`. Seconds without samples have no line. */
export function latencyLog(seconds: readonly SecondSum[], measuredFromEpochMs: number): string {
  const lines: string[] = [];
  const writer = new HistogramLogWriter((line) => lines.push(line));
  writer.outputComment('[serverless-websocket-bench: response, service and sendLag, in microseconds]');
  writer.outputLogFormatVersion();
  // The library's own line ends in the local time zone's name and an empty line, which other readers stumble over.
  const isoTime = new Date(measuredFromEpochMs).toISOString();
  writer.outputComment(
    `[StartTime: ${(measuredFromEpochMs / 1000).toFixed(3)} (seconds since epoch), ${isoTime}]`,
  );
  writer.baseTime = measuredFromEpochMs;
  writer.outputLegend();
  for (const second of seconds) {
    for (const tag of LOGGED_SERIES) {
      const histogram = second.histograms[tag]?.toHistogram();
      if (histogram === undefined) continue;
      histogram.tag = tag;
      histogram.startTimeStampMsec = measuredFromEpochMs + second.second * 1000;
      histogram.endTimeStampMsec = histogram.startTimeStampMsec + 1000;
      writer.outputIntervalHistogram(histogram);
    }
  }
  return lines.join('');
}
