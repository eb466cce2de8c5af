/** Whether the four hops are the whole way, as a sentence for every format. */
import type { HopBudget } from '../../bench/model/result.ts';
import { countText, msText } from '../figures.ts';

/** The check of the hops' sum against the service time of the same messages. */
export function sumSentence(sum: NonNullable<HopBudget['sum']>): {
  readonly isWhole: boolean;
  readonly text: string;
} {
  const { samples, hopsMeanMs, serviceMeanMs, differenceMs, toleranceMs } = sum;
  const off = Math.abs(differenceMs);
  const figures = `mean of the hops ${msText(hopsMeanMs)}, mean service time ${msText(serviceMeanMs)}, n = ${countText(samples)}`;
  const limit = `the stamps’ resolution allows ${msText(toleranceMs)}`;
  return off <= toleranceMs
    ? {
        isWhole: true,
        text: `The four hops add up to the measured service time within ${msText(off)} (${figures}; ${limit}).`,
      }
    : {
        isWhole: false,
        text: `The four hops do not add up to the measured service time: they are ${msText(off)} apart (${figures}; ${limit}). A hop is missing or counted twice, so do not rely on the shares.`,
      };
}
