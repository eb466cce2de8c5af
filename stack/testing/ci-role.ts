/** The actions that the role of stack/ci-role.yaml may take, and those that the product's sources call. */
import { readdirSync, readFileSync } from 'node:fs';
import { parseTemplate } from '../template/syntax.ts';

export interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

export interface RoleProperties {
  readonly MaxSessionDuration: number;
  readonly AssumeRolePolicyDocument: {
    readonly Statement: readonly (Statement & { readonly Principal: unknown })[];
  };
  readonly Policies: readonly { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }[];
}

interface Root {
  readonly Parameters: Readonly<
    Record<string, { readonly Default?: string; readonly AllowedPattern?: string }>
  >;
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: unknown }>>;
}

const ROOT = new URL('../..', import.meta.url);

export function rootOf(file: string): Root {
  const text = readFileSync(new URL(`stack/${file}`, ROOT), 'utf8');
  return parseTemplate(text, file).root as unknown as Root;
}

export const ROLE = rootOf('ci-role.yaml').Resources.Role!.Properties as RoleProperties;

export const STATEMENTS = ROLE.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);

export const ALLOWED = STATEMENTS.flatMap(({ Action }) => Action);

/** Whoever has credentials may ask who they are of. */
const FREE = new Set(['sts:GetCallerIdentity']);

/** IAM's name of what a service calls an operation; null where none is needed. */
export function actionOf(service: string, operation: string): string | null {
  const action =
    operation === 'PostToConnection'
      ? 'execute-api:ManageConnections'
      : `${service.replaceAll('-', '')}:${operation}`;
  return FREE.has(action) ? null : action;
}

/** Sources whose calls end at AWS under the caller's own role: workers of a fleet have roles of their own, and the local stage has none. */
function productSources(): string[] {
  return ['bench', 'stack']
    .flatMap((folder) =>
      readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' }).map(
        (file) => `${folder}/${file}`,
      ),
    )
    .filter(
      (file) => file.endsWith('.ts') && !/test\.ts$|^bench\/fleet\/|^stack\/local\/|\/testing\//.test(file),
    );
}

/** Each operation is a command or a paginator of the SDK, imported beside its client. */
export function calledActions(): string[] {
  return productSources().flatMap((file) => {
    const text = readFileSync(new URL(file, ROOT), 'utf8');
    return [
      ...text.matchAll(
        /import \{([^}]*)\} from '@aws-sdk\/client-([\w-]+)'|\{([^}]*)\} = await import\('@aws-sdk\/client-([\w-]+)'\)/g,
      ),
    ].flatMap(([, one, client, other, late]) =>
      [...(one ?? other ?? '').matchAll(/\b(\w+)Command\b|\bpaginate(\w+)\b/g)].flatMap(
        ([, operation, paged]) => actionOf(client ?? late ?? '', operation ?? paged!) ?? [],
      ),
    );
  });
}
