/** What the product deploys, and where it is checked that it can be: regions of different ages, with different services. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const STACK = fileURLToPath(new URL('../stack', import.meta.url));

/** Paths of all templates. */
export const TEMPLATES: readonly string[] = readdirSync(STACK)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => path.relative(process.cwd(), path.join(STACK, file)));

export const REGIONS: readonly string[] = [
  'us-east-1',
  'eu-west-1',
  'ap-southeast-2',
  'sa-east-1',
  'eu-central-1',
];
