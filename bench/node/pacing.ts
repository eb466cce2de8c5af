/** The plan's choice of pacing as pacers of this thread, and what is in force of it. */
import type { Pacing } from '../model/plan.ts';
import type { NewPacer } from '../ports.ts';
import { spinPacer, timerPacer } from './loop-pacer.ts';
import { Metronome } from './metronome.ts';

export interface PacingFacility {
  readonly newPacer: NewPacer;
  /** Differs from what was asked where it could not be had. */
  inForce(): Pacing;
}

/** What wakes this thread for due times, as asked. */
export function pacingOf(asked: Pacing): PacingFacility {
  if (asked === 'timer') return { newPacer: timerPacer, inForce: () => asked };
  if (asked === 'spin') return { newPacer: spinPacer, inForce: () => asked };
  const metronomes: Metronome[] = [];
  return {
    newPacer: (task) => {
      const metronome = new Metronome(task);
      metronomes.push(metronome);
      return metronome;
    },
    inForce: () =>
      metronomes.every((metronome) => metronome.inForce() === 'metronome') ? 'metronome' : 'timer',
  };
}
