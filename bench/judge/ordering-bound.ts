/**
 * How rare an event may still be that was seen `count` times in n trials: the one-sided upper bound of Clopper and
 * Pearson (1934), which is exact for independent trials – violations tend to come in clusters, which makes it a bound of
 * the best case. It is the p at which so few events have a probability of 5 %, a quantile of the beta distribution; with
 * none seen it is 1 − 0.05^(1/n), just below the rule of three's 3/n.
 */

/** One minus the confidence. */
const ALPHA = 0.05;

/** Halvings after which two neighbouring doubles remain. */
const MAX_HALVINGS = 200;

/** Terms of the continued fraction; it needs about √n of them, and n = 10^10 is a run of a day at 100,000/s. */
const MAX_TERMS = 200_000;

/** The 95 % upper bound of the ratio of `count` in `of`; null when there was no trial. */
export function upperBound95(count: number, of: number): number | null {
  if (of <= 0) return null;
  if (count >= of) return 1;
  if (count === 0) return -Math.expm1(Math.log(ALPHA) / of);
  let [low, high] = [count / of, 1];
  for (let halving = 0; halving < MAX_HALVINGS; halving++) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (betaShare(middle, count + 1, of - count) < 1 - ALPHA) low = middle;
    else high = middle;
  }
  return high;
}

/** The regularised incomplete beta function I_x(a, b): the probability of at least `a` events in a + b − 1 trials. */
function betaShare(x: number, a: number, b: number): number {
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return (front * betaFraction(x, a, b)) / a;
  return 1 - (front * betaFraction(1 - x, b, a)) / b;
}

/** Its continued fraction (DLMF 8.17.22), from the front by Lentz's method. */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < MAX_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return value;
}

/** The logarithm of Γ(x) by Stirling's series (DLMF 5.11.1), for which small x are raised first. */
function logGamma(x: number): number {
  let raised = x;
  let product = 1;
  for (; raised < 10; raised++) product *= raised;
  const inverse = 1 / raised;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)));
  return (
    (raised - 0.5) * Math.log(raised) - raised + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product)
  );
}
