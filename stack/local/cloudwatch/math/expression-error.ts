/** What is wrong with a metric math expression, in one sentence. Whoever knows the expression's id adds it. */
export class ExpressionError extends Error {}
