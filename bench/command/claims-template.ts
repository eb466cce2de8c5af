/** What a template says of the way from the gateway's default route to the stream. */

import { INTEGRATION } from '../../stack/template/resources/integration.ts';
import { parseTemplate } from '../../stack/template/syntax.ts';
import type { Integration } from '../judge/claims/latency.ts';

/** The first integration that is no stream's, or else the first. Null for a text that is no template, or has none. */
export function integrationOf(templateText: string | null): Integration | null {
  if (templateText === null) return null;
  const integrations = resourcesOf(templateText)
    .filter(({ Type }) => Type === INTEGRATION.type)
    .map(({ Properties }) => ({
      type: String(Properties?.IntegrationType),
      uri: textOf(Properties?.IntegrationUri),
    }));
  return integrations.find(({ uri }) => !uri.includes(':kinesis:')) ?? integrations[0] ?? null;
}

interface Resource {
  readonly Type?: unknown;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

function resourcesOf(templateText: string): Resource[] {
  try {
    const { root } = parseTemplate(templateText, 'template');
    return Object.values((root.Resources ?? {}) as Readonly<Record<string, Resource>>);
  } catch {
    return [];
  }
}

/** A text, or the text within an intrinsic function. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
