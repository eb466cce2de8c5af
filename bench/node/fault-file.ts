/** Fault files: YAML or JSON with a list `faults`, by their path or, of bundled ones, by their name. */

import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse as parseYaml } from 'yaml';
import { ConfigurationError, unreadable } from '../model/failure.ts';
import { orNearest } from '../model/near-miss.ts';
import { PLAN_FILE_BYTES, readTextFile } from './bounded-file.ts';

/** Bundled fault plans, named without their extension. */
const BUNDLED = fileURLToPath(new URL('../plans/faults/', import.meta.url));

function bundledNames(): string[] {
  return readdirSync(BUNDLED).map((file) => file.replace(/\.yaml$/, ''));
}

/** What a fault file holds, or a bundled one by its name, as YAML has it. Throws a {@link ConfigurationError}. */
export function readFaultFile(nameOrPath: string): unknown {
  const bundled = `${BUNDLED}${nameOrPath}.yaml`;
  const isBundled = /^[\w-]+$/.test(nameOrPath) && !existsSync(nameOrPath) && existsSync(bundled);
  const file = isBundled ? bundled : nameOrPath;
  let text: string;
  try {
    text = readTextFile(file, PLAN_FILE_BYTES);
  } catch (error) {
    const why = unreadable(file, error as NodeJS.ErrnoException);
    throw new ConfigurationError([`faults: ${why}${orNearest(nameOrPath, bundledNames())}`]);
  }
  try {
    return parseYaml(text, { logLevel: 'error' });
  } catch (error) {
    const [line] = (error as Error).message.split('\n');
    throw new ConfigurationError([`faults: ${file} is neither YAML nor JSON: ${line}`]);
  }
}
