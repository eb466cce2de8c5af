/**
 * Student's t distribution, by the regularised incomplete beta function (DLMF 8.17, its continued fraction 8.17.22) and
 * Lanczos' approximation of the gamma function. Absolute errors are below 1e-10, far below what the estimates that go in are worth.
 */

const LANCZOS = [
  0.999_999_999_999_809_93, 676.520_368_121_885_1, -1259.139_216_722_402_8, 771.323_428_777_653_13,
  -176.615_029_162_140_59, 12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_572e-6,
  1.505_632_735_149_311_6e-7,
];

function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1;
  const sum = LANCZOS.reduce((total, term, index) => total + (index === 0 ? term : term / (z + index)), 0);
  const t = z + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Terms of the continued fraction; it converges in a few dozen. */
const MAX_TERMS = 300;
const TINY = 1e-300;

/** Lentz's evaluation of the continued fraction. */
function continuedFraction(x: number, a: number, b: number): number {
  const safe = (value: number) => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / safe(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= MAX_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let step = 1;
    for (const coefficient of [even, odd]) {
      d = 1 / safe(1 + coefficient * d);
      c = safe(1 + coefficient / c);
      step = c * d;
      result *= step;
    }
    if (Math.abs(step - 1) < 1e-13) break;
  }
  return result;
}

function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x));
  if (x < (a + 1) / (a + b + 2)) return (front * continuedFraction(x, a, b)) / a;
  return 1 - (front * continuedFraction(1 - x, b, a)) / b;
}

/** Degrees of freedom above which the distribution is the normal one for every purpose here. */
const MAX_FREEDOM = 1e6;

/** Chance of |t| or more with that many degrees of freedom. */
export function twoSided(t: number, freedom: number): number {
  if (!Number.isFinite(t)) return 0;
  const df = Math.min(freedom, MAX_FREEDOM);
  return incompleteBeta(df / (df + t * t), df / 2, 0.5);
}

/** The t beyond which, on either side, lies 1 − confidence in all. 1.96 for 0.95 and many degrees of freedom. */
export function criticalT(confidence: number, freedom: number): number {
  let [low, high] = [0, 1];
  while (twoSided(high, freedom) > 1 - confidence && high < 1e9) high *= 2;
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2;
    if (twoSided(middle, freedom) > 1 - confidence) low = middle;
    else high = middle;
  }
  return high;
}
