/**
 * Seeds of the swarm that once failed, or that reach a corner few others do, each with what it is kept for. They run with
 * the tests. A seed is kept when what it found is repaired; it then stands for that forever, as long as the swarm draws
 * the same cases: who changes swarm-plan.ts looks for new seeds with `npm run swarm`.
 */
export interface Regression {
  readonly seed: number;
  readonly keptFor: string;
}

export const REGRESSIONS: readonly Regression[] = [];
