/** Real time. `performance.now` is monotonic with sub-microsecond steps; its origin is tied to UTC once, at start. */
import type { Clock, Timer } from '../ports.ts';

export const systemClock: Clock = {
  now: () => performance.now(),
  epochAt: (nowMs) => performance.timeOrigin + nowMs,
  at(dueMs, task): Timer {
    // Node cuts fractions off, which would run the task early.
    const handle = setTimeout(task, Math.max(0, Math.ceil(dueMs - performance.now())));
    return { cancel: () => clearTimeout(handle) };
  },
};
