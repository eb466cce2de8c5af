/** Plans by their names: those that come with this program, and files. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigurationError } from '../model/failure.ts';
import { orNearest } from '../model/near-miss.ts';
import { maskedAddress } from '../model/secrets.ts';
import { isUrl } from '../model/stage-name.ts';

/** Bundled plans, named without their extension. */
const PLANS = fileURLToPath(new URL('../plans/', import.meta.url));

function bundledPlans(): string[] {
  return readdirSync(PLANS)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => path.basename(file, '.yaml'));
}

/** Path of a plan that was named, or of a file. Throws {@link ConfigurationError}. */
export function planPath(plan: string): string {
  if (isUrl(plan))
    throw new ConfigurationError([
      `plan: ${maskedAddress(plan)} is the address of a stage; name it with --stage`,
    ]);
  const bundled = path.join(PLANS, `${plan}.yaml`);
  if (!/^[\w-]+$/.test(plan) || existsSync(plan)) return plan;
  if (existsSync(bundled)) return bundled;
  throw new ConfigurationError([
    `plan: there is no plan '${plan}'; name a file, or one of ${bundledPlans().join(', ')}${orNearest(plan, bundledPlans())}`,
  ]);
}
