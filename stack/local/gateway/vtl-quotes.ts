/**
 * Velocity writes a double quote inside a double-quoted literal as two of them: `#set($json = "{""a"": 1}")`. The
 * velocityjs parser does not know that form and rejects the template. This pass rewrites each such pair into a
 * reference whose value is one double quote, before parsing. Literals occur only in the arguments of a directive or of
 * a method, so only there are pairs touched: the `""` of an empty JSON string in the template's plain text stays.
 */

/** Name of the variable that holds a double quote. No template would use it by accident. */
export const QUOTE_VARIABLE = 'velocityDoubleQuote__';

/** What opens an argument list, or is a comment or raw block to step over. */
const OPENING =
  /##[^\n]*|#\*[\s\S]*?\*#|#\[\[[\s\S]*?\]\]#|#@?\{?[A-Za-z_]\w*\}?[ \t]*\(|\$!?\{?[A-Za-z_][\w-]*(?:\.[A-Za-z_]\w*|\[[^\]\n]*\])*\(/g;

/** A further call on the result of one: `$list.get(0).trim(` */
const CHAINED_CALL = /(?:\.[A-Za-z_]\w*)+\(/y;

/** The next thing of interest within an argument list. A double-quoted literal may contain doubled quotes. */
const ARGUMENT_TOKEN = /"(?:[^"]|"")*"|'[^']*'|[()]/g;

/** Rewrites doubled quotes within double-quoted literals; all other text comes back as it was. */
export function rewriteDoubledQuotes(template: string): string {
  let result = '';
  let end = 0;
  OPENING.lastIndex = 0;
  for (let match = OPENING.exec(template); match !== null; match = OPENING.exec(template)) {
    if (!match[0].endsWith('(') || match[0].startsWith('##')) continue;
    const start = OPENING.lastIndex;
    const stop = endOfCalls(template, start);
    result += template.slice(end, start) + rewriteLiterals(template.slice(start, stop));
    end = stop;
    OPENING.lastIndex = stop;
  }
  return result + template.slice(end);
}

/** Position after the argument list that starts at `start`, and after further calls chained to it. */
function endOfCalls(template: string, start: number): number {
  let stop = endOfArguments(template, start);
  for (;;) {
    CHAINED_CALL.lastIndex = stop;
    if (!CHAINED_CALL.test(template)) return stop;
    stop = endOfArguments(template, CHAINED_CALL.lastIndex);
  }
}

/** Position after the parenthesis that closes the list. An unclosed list reaches to the end: the parser will say so. */
function endOfArguments(template: string, start: number): number {
  let depth = 1;
  ARGUMENT_TOKEN.lastIndex = start;
  for (let match = ARGUMENT_TOKEN.exec(template); match !== null; match = ARGUMENT_TOKEN.exec(template)) {
    if (match[0] === '(') depth += 1;
    if (match[0] === ')') depth -= 1;
    if (depth === 0) return ARGUMENT_TOKEN.lastIndex;
  }
  return template.length;
}

function rewriteLiterals(code: string): string {
  return code.replace(ARGUMENT_TOKEN, (token) =>
    token.startsWith('"') ? `"${token.slice(1, -1).replaceAll('""', `\${${QUOTE_VARIABLE}}`)}"` : token,
  );
}
