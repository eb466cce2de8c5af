/**
 * Seeded chance. The generator is sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, passes PractRand and
 * BigCrush, and every step is 32-bit integer arithmetic, so a seed gives the same numbers on every machine.
 */

/** Chance as a parameter: a seeded generator. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** An independent generator, determined by this one's seed and the label. */
  fork(label: string): Random;
}

/** FNV-1a, 32 bits: mixes a label into a seed. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** Steps that let the seed reach every bit of the state, as the algorithm's author advises. */
const WARM_UP_STEPS = 15;

class Sfc32 implements Random {
  readonly #lineage: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(lineage: string) {
    this.#lineage = lineage;
    this.#a = hashOf(`a${lineage}`);
    this.#b = hashOf(`b${lineage}`);
    this.#c = hashOf(`c${lineage}`);
    for (let step = 0; step < WARM_UP_STEPS; step++) this.next();
  }

  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  }

  fork(label: string): Random {
    return new Sfc32(`${this.#lineage}/${label}`);
  }
}

/** A generator determined by `seed`. */
export function seededRandom(seed: number): Random {
  return new Sfc32(String(seed));
}

/** The items in another order, by Fisher and Yates. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const mixed = [...items];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = Math.floor(random.next() * (last + 1));
    [mixed[last], mixed[other]] = [mixed[other]!, mixed[last]!];
  }
  return mixed;
}
