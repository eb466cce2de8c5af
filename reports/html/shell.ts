/**
 * The frame of every HTML report: one file, with style, scripts and data inside, and a content security policy that
 * forbids everything else. So it opens offline, from an archive or a CI artifact, and can send nothing anywhere.
 */
import { asset, SCRIPTS } from '../document/assets.ts';
import { type Content, html } from './html.ts';

export interface Shell {
  readonly title: string;
  readonly main: Content;
  readonly footer: Content;
}

/** The report, as the text of an HTML file. */
export function shell({ title, main, footer }: Shell): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>
${asset('report.css')}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<main id="main">
${main}
</main>
<footer>${footer}</footer>
${SCRIPTS.map(
  (script) => html`<script>${asset(script)}</script>
`,
)}
</body>
</html>
`.markup;
}
