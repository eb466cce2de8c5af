/** What a stack is made of: a template that was resolved, and the settings that came with it. */
import type { Tag } from '@aws-sdk/client-cloudformation';
import type { ResolvedStack } from '../../template/resolved.ts';
import type { GatewayConfig } from '../gateway/gateway-config.ts';

/** A template and its parameters, resolved: what a stack is, or is to become. */
export interface StackVersion {
  readonly templateText: string;
  /** As given; those not given take the template's defaults. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly resolved: ResolvedStack;
  readonly apis: readonly GatewayConfig[];
}

/** What is said of a stack beside its template. */
export interface StackSettings {
  readonly tags: readonly Tag[];
  readonly capabilities: readonly string[];
  readonly disableRollback: boolean;
}
