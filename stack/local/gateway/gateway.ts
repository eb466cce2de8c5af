/**
 * Is the WebSocket API: admits connections, routes messages into integrations, carries callbacks back to clients.
 * Quotas, error frames and close codes are API Gateway's; latencies come from the profile. It knows no socket, so the
 * same gateway serves real clients and simulated ones.
 */
import { isUtf8 } from 'node:buffer';
import { awsIds } from '../ids.ts';
import type { ActionResult, ConnectionManager, Part } from '../ports.ts';
import { type Profile, sampler } from '../profile.ts';
import { epochNow } from '../waiting.ts';
import {
  type Admission,
  type ClientSocket,
  type ConnectionOptions,
  type ConnectionTerms,
  type ConnectRequest,
  GatewayConnection,
  type InboundMessage,
} from './connection.ts';
import { Appointments } from './delay-line.ts';
import type { GatewayConfig } from './gateway-config.ts';
import { type IntegrationOutcome, type MessageWriter, RouteTable } from './integration.ts';
import { MessageBody } from './message-body.ts';
import {
  type ErrorFrameText,
  errorFrame,
  FAILURES,
  FORBIDDEN,
  TOO_LARGE,
  TOO_MANY,
  unknownConnection,
} from './refusal.ts';
import {
  type AccountThrottles,
  CONNECT_ROUTE,
  type StageState,
  type StageStates,
  stageStates,
} from './stage-state.ts';
import { MessageContext } from './vtl-variables.ts';

export interface GatewayOptions extends Part {
  readonly config: GatewayConfig;
  readonly kinesis: MessageWriter;
  /** Shared with the account's other APIs. */
  readonly throttles: AccountThrottles;
}

/**
 * Bytes a client may leave unread before callbacks are refused with 429. API Gateway documents the refusal
 * (LimitExceededException: "or the WebSocket client side buffer is full") and not the size; 1 MiB is eight full messages.
 */
const CLIENT_BUFFER_BYTES = 1_048_576;

/** Failures written to the log: an overload must not flood it, and the metrics count every one. */
const LOGGED_FAILURES = 20;

const DONE: ActionResult<null> = { ok: true, value: null };

export class Gateway implements ConnectionManager {
  readonly #options: GatewayOptions;
  readonly #newId: () => string;
  #config: GatewayConfig;
  #routes: RouteTable;
  /** Earlier routes: messages may still be under way in them. */
  #retired: RouteTable[] = [];
  #stages: StageStates;
  readonly #connections = new Map<string, GatewayConnection>();
  /** Connections that ended while messages of theirs were in the gateway. */
  readonly #draining = new Set<GatewayConnection>();
  readonly #delays: ConnectionTerms['delays'];
  readonly #terms = new WeakMap<StageState, ConnectionTerms>();
  readonly #postMs: () => number;
  readonly #posts: Appointments;
  #logged = 0;

  constructor(options: GatewayOptions) {
    const { clock, random, profile } = options;
    const samplerOf = (hop: keyof Profile['latency']) => sampler(profile.latency[hop], random.fork(hop));
    this.#options = options;
    this.#newId = awsIds(random.fork('ids'));
    this.#config = options.config;
    this.#routes = new RouteTable(options.config, options.kinesis, clock);
    this.#stages = stageStates(options.config, new Map(), options);
    this.#delays = {
      clientToGateway: samplerOf('clientToGateway'),
      processing: samplerOf('gatewayProcessing'),
      gatewayToClient: samplerOf('gatewayToClient'),
    };
    this.#postMs = samplerOf('postToConnection');
    this.#posts = new Appointments(clock);
  }

  get apiId(): string {
    return this.#config.apiId;
  }

  /** Its public name: `ID.execute-api.REGION.amazonaws.com`. */
  get domainName(): string {
    return this.#config.domainName;
  }

  hasStage(name: string): boolean {
    return this.#stages.has(name);
  }

  /**
   * Takes another configuration of the same API. Messages under way end as they began, later ones see the new routes;
   * connections of stages that are gone are closed.
   */
  reconfigure(config: GatewayConfig): void {
    const { kinesis, clock } = this.#options;
    this.#retired = [...this.#retired, this.#routes].filter((routes) => !routes.isIdle);
    this.#config = config;
    this.#routes = new RouteTable(config, kinesis, clock);
    this.#stages = stageStates(config, this.#stages, this.#options);
    for (const connection of [...this.#connections.values()]) {
      if (!this.#stages.has(connection.facts.stage)) connection.close(1001, 'Going away');
    }
  }

  /** Decides on a request to connect. `accept` must follow at once, when the socket is upgraded. */
  admit(request: ConnectRequest): Admission {
    const stage = this.#stageAt(request.path);
    if (stage === undefined) return { ok: false, status: 403, message: 'Forbidden' };
    if (!this.#options.throttles.connect.tryTake()) {
      stage.meters.ClientError.record(1);
      stage.routes?.get(CONNECT_ROUTE)?.ClientError.record(1);
      return { ok: false, status: 429, message: 'Too Many Requests' };
    }
    return { ok: true, accept: (socket) => this.#accept(request, stage, socket) };
  }

  post(stageName: string, connectionId: string, body: Buffer): Promise<ActionResult<null>> {
    const fromMs = this.#options.clock.now();
    const delayMs = this.#postMs();
    const result = this.#postResult(stageName, connectionId, body, fromMs + delayMs);
    if (delayMs === 0) return Promise.resolve(result);
    return new Promise((resolve) => this.#posts.at(fromMs + delayMs, () => resolve(result)));
  }

  get(stageName: string, connectionId: string): ReturnType<ConnectionManager['get']> {
    const connection = this.#find(stageName, connectionId);
    if (connection === undefined) return unknownConnection(connectionId);
    const { connectedAt, identity } = connection.facts;
    const lastActive = new Date(this.#options.clock.epochAt(connection.lastActiveMs));
    const times = {
      connectedAt: new Date(connectedAt).toISOString(),
      lastActiveAt: lastActive.toISOString(),
    };
    return { ok: true, value: { ...times, identity } };
  }

  remove(stageName: string, connectionId: string): ActionResult<null> {
    const connection = this.#find(stageName, connectionId);
    if (connection === undefined) return unknownConnection(connectionId);
    connection.close(1000, 'Connection Closed Normally');
    return DONE;
  }

  /** Ends all connections with 1001 and forgets what is under way. */
  close(): void {
    this.#posts.cancelAll();
    for (const connection of [...this.#connections.values(), ...this.#draining]) {
      connection.abandon();
      connection.close(1001, 'Going away');
    }
    this.#draining.clear();
    for (const routes of [this.#routes, ...this.#retired]) routes.close();
  }

  /** Makes a connection; another kind of gateway makes another kind. */
  protected newConnection(options: ConnectionOptions): GatewayConnection {
    return new GatewayConnection(options);
  }

  #accept(request: ConnectRequest, stage: StageState, socket: ClientSocket): GatewayConnection {
    const { apiId, domainName } = this.#config;
    const facts = {
      apiId,
      domainName,
      stage: stage.config.name,
      connectionId: this.#newId(),
      connectedAt: Math.floor(epochNow(this.#options.clock)),
      identity: { sourceIp: request.sourceIp, userAgent: request.userAgent },
    };
    const connection = this.newConnection({ facts, socket, terms: this.#termsOf(stage) });
    this.#connections.set(connection.facts.connectionId, connection);
    if (!this.#options.profile.quirks.areConnectsUncounted) {
      stage.meters.ConnectCount.record(1);
      stage.routes?.get(CONNECT_ROUTE)?.ConnectCount.record(1);
    }
    return connection;
  }

  #termsOf(stage: StageState): ConnectionTerms {
    const known = this.#terms.get(stage);
    if (known !== undefined) return known;
    const { clock, profile } = this.#options;
    const terms: ConnectionTerms = {
      clock,
      dispatch: profile.dispatch,
      idleMs: profile.quotas.idleMs,
      lifetimeMs: profile.quotas.lifetimeMs,
      delays: this.#delays,
      admit: (from, message) => this.#admitMessage(stage, from, message),
      process: (from, message) => this.#process(stage, from, message),
      ended: (ended) => {
        this.#connections.delete(ended.facts.connectionId);
        this.#draining.add(ended);
      },
      drained: (drained) => this.#draining.delete(drained),
    };
    this.#terms.set(stage, terms);
    return terms;
  }

  #admitMessage(stage: StageState, connection: GatewayConnection, message: InboundMessage): boolean {
    stage.meters.MessageCount.record(1);
    if (this.#options.throttles.requests.tryTake() && stage.throttle.tryTake()) return true;
    stage.meters.ClientError.record(1);
    this.#fail(connection, 'Too Many Requests', this.#newId(), message.arrivedMs);
    return false;
  }

  async #process(stage: StageState, connection: GatewayConnection, message: InboundMessage): Promise<void> {
    const { clock } = this.#options;
    const body = new MessageBody(message.text);
    const route = this.#routes.routeOf(body);
    if (route === undefined) {
      stage.meters.ClientError.record(1);
      this.#fail(connection, 'Forbidden', this.#newId(), clock.now());
      return;
    }
    const detailed = stage.routes?.get(route.key);
    detailed?.MessageCount.record(1);
    const receivedAt = clock.epochAt(message.arrivedMs);
    const context = new MessageContext(connection.facts, this.#newId, receivedAt, route.key);
    const startMs = clock.now();
    const stageVariables = stage.config.variables;
    const outcome = await route.integration.perform({ context, body, stageVariables });
    const endMs = clock.now();
    stage.meters.IntegrationLatency.record(endMs - startMs);
    detailed?.IntegrationLatency.record(endMs - startMs);
    if (outcome.kind === 'ok') return;
    detailed?.[FAILURES[outcome.kind].meter].record(1);
    this.#failed(stage, connection, outcome, context.requestId, endMs);
  }

  #failed(
    stage: StageState,
    connection: GatewayConnection,
    outcome: Exclude<IntegrationOutcome, { readonly kind: 'ok' }>,
    requestId: string,
    atMs: number,
  ): void {
    const { log, profile } = this.#options;
    const { meter, text } = FAILURES[outcome.kind];
    const isSilent = profile.quirks.areIntegrationErrorsSilent && outcome.kind === 'integrationError';
    stage.meters[meter].record(1);
    if (!isSilent) this.#fail(connection, text, requestId, atMs);
    if (this.#logged > LOGGED_FAILURES) return;
    this.#logged += 1;
    if (this.#logged > LOGGED_FAILURES) log('gateway: further failures are counted, not logged');
    else if ('detail' in outcome) log(`gateway: ${outcome.kind}: ${outcome.detail}`);
  }

  #fail(connection: GatewayConnection, text: ErrorFrameText, requestId: string, atMs: number): void {
    connection.send(errorFrame(text, connection.facts.connectionId, requestId), atMs);
  }

  /** Result of a post made now, whose frame leaves for the client at `leavesMs`. */
  #postResult(stageName: string, connectionId: string, body: Buffer, leavesMs: number): ActionResult<null> {
    const stage = this.#stages.get(stageName);
    if (stage === undefined) return FORBIDDEN;
    if (!this.#options.throttles.requests.tryTake()) return TOO_MANY;
    if (body.length > this.#options.profile.quotas.messageBytes) return TOO_LARGE;
    const connection = this.#find(stageName, connectionId);
    if (connection === undefined) return unknownConnection(connectionId);
    if (connection.backlogBytes > CLIENT_BUFFER_BYTES) return TOO_MANY;
    stage.meters.MessageCount.record(1);
    connection.deliver(isUtf8(body) ? body : Buffer.from(body.toString('utf8')), leavesMs);
    return DONE;
  }

  #find(stageName: string, connectionId: string): GatewayConnection | undefined {
    const connection = this.#connections.get(connectionId);
    return connection?.facts.stage === stageName ? connection : undefined;
  }

  /** The stage a path names. The bare root is accepted where there is no choice. */
  #stageAt(path: string): StageState | undefined {
    if (path === '/' && this.#stages.size === 1) return [...this.#stages.values()][0];
    return this.#stages.get(path.slice(1).replace(/\/$/, ''));
  }
}
