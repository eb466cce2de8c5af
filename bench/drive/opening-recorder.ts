/**
 * What became of the dials of a share since the last report: counts, failures by code, and how long opening took. At each
 * report its content leaves and it starts from nothing, as the recorder of messages does.
 */

import { MICROS_PER_MILLI, newHistogram, sparseOf } from '../measure/histogram.ts';
import { emptyOpening, type OpeningCounts, type OpeningReport } from '../measure/share.ts';
import { addCounts } from '../model/counts.ts';
import { addDetails } from '../model/details.ts';

export class OpeningRecorder {
  readonly #connect = newHistogram(32);
  #counts = emptyOpening();
  #failures: Record<string, number> = {};
  #details: Record<string, string> = {};
  #isEmpty = true;

  count(what: keyof OpeningCounts): void {
    this.#counts[what]++;
    this.#isEmpty = false;
  }

  /** A dial has opened a connection, this long after it began. */
  opened(connectMs: number): void {
    this.#connect.recordValue(Math.round(connectMs * MICROS_PER_MILLI));
    this.#isEmpty = false;
  }

  /** A dial has failed; `detail` says more. */
  failed(code: string, detail: string): void {
    this.count('failedAttempts');
    addCounts(this.#failures, { [code]: 1 });
    this.told(code, detail);
  }

  /** What was said of an end, which is counted elsewhere. */
  told(code: string, detail: string): void {
    if (detail === '') return;
    addDetails(this.#details, { [code]: detail });
    this.#isEmpty = false;
  }

  /** The report, or null when there is nothing to tell. */
  flush(): OpeningReport | null {
    if (this.#isEmpty) return null;
    const report: OpeningReport = {
      kind: 'opening',
      ...this.#counts,
      failures: this.#failures,
      ...(Object.keys(this.#details).length === 0 ? {} : { details: this.#details }),
      connect: sparseOf(this.#connect),
    };
    this.#connect.reset();
    this.#counts = emptyOpening();
    this.#failures = {};
    this.#details = {};
    this.#isEmpty = true;
    return report;
  }
}
