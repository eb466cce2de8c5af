/**
 * AWS's SDK says on standard error, in every process that makes a client, that it is about to give up an old Node. Here it
 * is said once, in one line with what to do, by the first process that has to do with AWS; its children keep quiet.
 */
import { note } from './terminal.ts';

/** The oldest Node for which the SDK goes on to be published. Source: `emitWarningIfUnsupportedVersion` of @aws-sdk/core. */
const SUPPORTED_MAJOR = 22;

/** The SDK's own switch, which processes inherit. */
const SILENCE = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';

/** The warning for a version of Node, such as `v20.19.0`; null where there is nothing to say. */
export function nodeWarning(version: string): string | null {
  if (Number.parseInt(version.slice(1), 10) >= SUPPORTED_MAJOR) return null;
  return `warning: AWS publishes its SDK for Node ${SUPPORTED_MAJOR} and later only from January 2027 on, and this is Node ${version}: what is installed goes on to work, but gets no fixes; install Node ${SUPPORTED_MAJOR} or later (${SILENCE}=true ends this message)`;
}

/** Gives the warning, unless it was given or is not wanted. To be called before a client is made. */
export function warnOfOldNode(): void {
  if (process.env[SILENCE] === 'true') return;
  const warning = nodeWarning(process.version);
  if (warning !== null) note(warning);
  process.env[SILENCE] = 'true';
}
