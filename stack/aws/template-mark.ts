/**
 * The mark by which this tool knows its stacks again: an output of the deployed template. An output is no tag, so no
 * resource is touched when it comes (stack/decisions/0004-the-mark-of-a-stack.md). It is written into the text that is
 * sent, which otherwise stays as its author wrote it.
 */
import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, parseDocument, type YAMLMap } from 'yaml';
import { mappingOf } from '../template/known.ts';
import { parseTemplate, TEMPLATE_BODY_LIMIT_BYTES, type Template, TemplateProblems } from './template.ts';

/** Name of the output. Its value is the version that made the stack. */
export const MARK = 'ServerlessWebsocketBench';

/** The template with the mark, as it is sent. Throws {@link TemplateProblems} where no output can be added to it. */
export function markedTemplate(template: Template, version: string): string {
  if (template.outputs[MARK] !== undefined) return template.text;
  const text = withOutput(template.text, version);
  const bytes = Buffer.byteLength(text);
  if (bytes > TEMPLATE_BODY_LIMIT_BYTES)
    throw problem(
      template,
      `has ${bytes} bytes with the output ${MARK}, which marks the stack as this tool's; CloudFormation takes at most ${TEMPLATE_BODY_LIMIT_BYTES}: make it smaller`,
    );
  const { outputs, resources } = parseTemplate(text, template.path);
  const expected = { ...template.outputs, [MARK]: entryOf(version) };
  if (!isDeepStrictEqual({ ...outputs }, expected) || !isDeepStrictEqual(resources, template.resources))
    throw problem(
      template,
      `can't be given the output ${MARK}, which marks the stack as this tool's: write Outputs as a plain mapping`,
    );
  return text;
}

/** Version of this tool that marked a template; null where none did. */
export function markOf(template: Template): string | null {
  const { Value } = mappingOf(template.outputs[MARK]);
  return typeof Value === 'string' ? Value : null;
}

function problem({ path }: Template, text: string): TemplateProblems {
  return new TemplateProblems([`template: ${path} ${text}`]);
}

function entryOf(version: string) {
  return { Description: 'Version of serverless-websocket-bench that made this stack.', Value: version };
}

function withOutput(text: string, version: string): string {
  const root = parseDocument(text).contents;
  if (!isMap(root)) return text;
  const entry = JSON.stringify(entryOf(version));
  const outputs = root.get('Outputs', true);
  if (isMap(outputs) && (outputs.items.length > 0 || outputs.flow === true))
    return withEntry(text, outputs, MARK, entry);
  if (outputs !== undefined) return text;
  return withEntry(text, root, 'Outputs', `{${JSON.stringify(MARK)}: ${entry}}`);
}

/** The text with one more entry at the beginning of a mapping, so that nothing before or behind it is read otherwise. */
function withEntry(text: string, map: YAMLMap, key: string, value: string): string {
  if (map.flow === true) {
    const at = (map.range?.[0] ?? 0) + 1;
    const comma = map.items.length === 0 ? '' : ',';
    return `${text.slice(0, at)}${JSON.stringify(key)}: ${value}${comma}${text.slice(at)}`;
  }
  const first = map.items[0]?.key;
  const at = isScalar(first) ? (first.range?.[0] ?? 0) : 0;
  const indent = ' '.repeat(at - (text.lastIndexOf('\n', at - 1) + 1));
  return `${text.slice(0, at)}${key}: ${value}\n${indent}${text.slice(at)}`;
}
