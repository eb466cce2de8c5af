/**
 * Finds the API that a request is for. On AWS the host name tells; here all are on one port, so an API goes by the
 * host `ID.execute-api.REGION.amazonaws.com`, as functions and redirected clients send it; by the first segment of
 * the path, `/ID/v1`, as in a stack's outputs; or by the stage alone, `/v1`, where only one API has such a stage.
 */
import type { Gateway } from './gateway.ts';

/** An API, and the path of a request below it. */
export interface ApiTarget {
  readonly gateway: Gateway;
  /** Begins with the stage: `/v1/@connections/…`. */
  readonly path: string;
}

const EXECUTE_API_HOST = /^([a-z0-9]+)\.execute-api\./i;

export class Apis {
  readonly #gateways = new Map<string, Gateway>();

  get(apiId: string): Gateway | undefined {
    return this.#gateways.get(apiId);
  }

  add(gateway: Gateway): void {
    this.#gateways.set(gateway.apiId, gateway);
  }

  remove(apiId: string): void {
    this.#gateways.get(apiId)?.close();
    this.#gateways.delete(apiId);
  }

  close(): void {
    for (const apiId of [...this.#gateways.keys()]) this.remove(apiId);
  }

  /** Whether a host name, in lower case, is the public one of an API that is served. */
  gaveOut(name: string): boolean {
    return this.#gateways.get(name.split('.', 1)[0] ?? '')?.domainName === name;
  }

  /** The API that a request is for; undefined when none or several could be meant. */
  find(host: string | undefined, path: string): ApiTarget | undefined {
    const named = EXECUTE_API_HOST.exec(host ?? '')?.[1];
    if (named !== undefined) return this.#target(named, path);
    const [, first = ''] = path.split('/', 2);
    return this.#target(first, path.slice(first.length + 1) || '/') ?? this.#byStage(first, path);
  }

  #target(apiId: string, path: string): ApiTarget | undefined {
    const gateway = this.#gateways.get(apiId.toLowerCase());
    return gateway && { gateway, path };
  }

  #byStage(stage: string, path: string): ApiTarget | undefined {
    const all = [...this.#gateways.values()];
    const [only, ...others] = all.length === 1 ? all : all.filter((gateway) => gateway.hasStage(stage));
    return only === undefined || others.length > 0 ? undefined : { gateway: only, path };
  }
}
