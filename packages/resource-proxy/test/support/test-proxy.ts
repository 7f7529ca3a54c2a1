import { randomUUID } from 'node:crypto';
import { SecretFiles } from '@aipassport/contracts';
import type { Limits, PriceOverrides, Upstream } from '@aipassport/policy';
import { type BuiltInUpstream, builtInUpstreams, noLimits, parseGrantedScope } from '@aipassport/policy';
import {
  insertAccount,
  insertGrant,
  insertSpareKey,
  nextProviderKeyVersion,
  upsertClient,
  upsertProviderKey,
} from '@aipassport/store/authorization';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { CompactEncrypt, type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import {
  createLog,
  defaultLimits,
  noRequestFields,
  type OperatorCaps,
  type ProxyLimits,
  parseSealingJwks,
  parseUpstreamUrl,
  type RequestSettings,
  type RunningProxy,
  Secret,
  startResourceProxy,
  type TransitSettings,
} from '../../src/index.js';
import type { SealingJwk } from '../../src/provider-keys/sealing-key.js';
import { TestIssuer, type TokenOptions } from './issuer.js';
import { RecordingUpstream } from './recording-upstream.js';

export const resource = 'http://proxy.test';
export const operatorKey = 'sk-operator-0123456789abcdefghij';
export const chatScope = 'model:gpt-4o-mini model:claude-haiku-4-5 model:gemini-2.5-flash cap:chat';
export const origin = 'https://app.example';

export interface TestGrant {
  readonly id: string;
  readonly accountId: string;
  readonly scope: string;
}

export interface TestProxyOptions {
  readonly replicas?: number;
  readonly limits?: Partial<ProxyLimits>;
  readonly requestSettings?: Partial<RequestSettings>;
  readonly hasOperatorKeys?: boolean;
  readonly trustedProxyHops?: number;
  /** Whether the proxies serve their metrics, each on a free port. */
  readonly hasMetrics?: boolean;
  readonly operatorCaps?: Partial<OperatorCaps>;
  readonly upstreamUrl?: string;
  readonly priceOverrides?: PriceOverrides;
  /** A sealing key with the id `px-1`. By default a new one, in a file. */
  readonly sealingKey?: SealingJwk;
  readonly transit?: TransitSettings;
  readonly simulatedUpstreamUrl?: string;
  readonly now?: () => number;
  /** The port of the proxy. By default each proxy listens on a free port. */
  readonly port?: number;
  readonly clientSecret?: string;
  /**
   * Returns the URL at which the proxies reach the database, from the database's own URL. By default they use the
   * database's own URL.
   */
  readonly databaseUrl?: (url: string) => string;
  /** Runs with the database before the proxies start. */
  readonly prepare?: (database: TestDatabase) => Promise<void>;
  /**
   * Returns the URL of the connection for notifications of revocations. By default it is the same URL as for the other
   * connections.
   */
  readonly databaseDirectUrl?: (url: string) => string;
  /** By default a new issuer is started. */
  readonly issuer?: TestIssuer;
  /** Called with each log line of the proxies, also while they start. */
  readonly onLine?: (line: string) => void;
}

/** Resource proxies on a new database, with an issuer and an AI provider that the test controls. */
export class TestProxy {
  readonly database: TestDatabase;
  readonly issuer: TestIssuer;
  readonly upstream: RecordingUpstream;
  readonly proxies: RunningProxy[];
  /** The proxies' log lines. */
  readonly lines: string[];
  readonly #seal: { readonly publicKey: CryptoKey; readonly alg: string };
  readonly #startOne: () => Promise<RunningProxy>;
  #closed = false;

  private constructor(parts: {
    database: TestDatabase;
    issuer: TestIssuer;
    upstream: RecordingUpstream;
    proxies: RunningProxy[];
    lines: string[];
    seal: { readonly publicKey: CryptoKey; readonly alg: string };
    startOne: () => Promise<RunningProxy>;
  }) {
    this.database = parts.database;
    this.issuer = parts.issuer;
    this.upstream = parts.upstream;
    this.proxies = parts.proxies;
    this.lines = parts.lines;
    this.#seal = parts.seal;
    this.#startOne = parts.startOne;
  }

  static async start(options: TestProxyOptions = {}): Promise<TestProxy> {
    const database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
    await options.prepare?.(database);
    const issuer = options.issuer ?? (await TestIssuer.start(resource));
    const upstream = await RecordingUpstream.start();
    const jwk = options.sealingKey ?? (await makeSealingKey());
    const alg = jwk.kty === 'RSA' ? 'RSA-OAEP-256' : 'ECDH-ES';
    const { d: _secret, ...publicJwk } = jwk;
    const publicKey = (await importJWK({ ...publicJwk }, alg)) as CryptoKey; // the type of an asymmetric key
    const lines: string[] = [];
    const url = parseUpstreamUrl(options.upstreamUrl ?? upstream.url);
    const key = new Secret(operatorKey);
    const configuration = {
      host: '127.0.0.1',
      port: options.port ?? 0,
      logLevel: 'debug',
      metrics: options.hasMetrics === true ? { host: '127.0.0.1', port: 0 } : undefined,
      maxHeapMegabytes: undefined,
      databaseUrl: options.databaseUrl?.(database.urls.proxy) ?? database.urls.proxy,
      databaseDirectUrl:
        (options.databaseDirectUrl ?? options.databaseUrl)?.(database.urls.proxy) ?? database.urls.proxy,
      databaseConnections: 5,
      restoreMark: undefined,
      journal: undefined,
      issuer: issuer.url,
      authorizationServerUrl: undefined,
      resourceProxyUrl: resource,
      trustedProxyHops: options.trustedProxyHops ?? 0,
      tracesEndpoint: undefined,
      clientId: 'resource-proxy',
      clientSecret: new Secret(options.clientSecret ?? 'proxy-client-secret'),
      sealingKeys: parseSealingJwks(jwk),
      transit: options.transit,
      operatorKeys: options.hasOperatorKeys === false ? {} : ofEach(() => key),
      secretFiles: new SecretFiles({ variables: {} }),
      operatorKeyFiles: options.hasOperatorKeys === false ? [] : ['google'],
      operatorCaps: { ofAll: undefined, ofAccount: undefined, ...options.operatorCaps },
      upstreamUrls: {
        ...ofEach(url),
        ...Object.fromEntries((options.priceOverrides?.upstreams ?? []).map(({ name }) => [name, url])),
      },
      simulatedUpstream:
        options.simulatedUpstreamUrl === undefined ? undefined : parseUpstreamUrl(options.simulatedUpstreamUrl),
      priceOverrides: options.priceOverrides,
      requestSettings: { unknownFields: 'drop', fields: noRequestFields, ...options.requestSettings },
      leaseSeconds: 10,
      acceptUnsafeDatabase: ['fsync', 'full_page_writes', 'synchronous_commit'],
      settings: [{ name: 'LEASE_SECONDS', value: '10' }],
      limits: { ...defaultLimits, unreadyMilliseconds: 0, stopGraceMilliseconds: 100, ...options.limits },
    } as const;
    const write = (line: string) => {
      lines.push(line);
      options.onLine?.(line);
    };
    const log = createLog('debug', { write });
    const startOne = () => startResourceProxy(configuration, { log, now: options.now ?? Date.now });
    const proxies = await Promise.all(Array.from({ length: options.replicas ?? 1 }, startOne));
    await upsertClient(database.db, {
      id: 'client',
      name: 'Client',
      metadata: {},
      secretHash: undefined,
      webOrigins: [origin],
      registeredBy: 'registration',
    });
    return new TestProxy({ database, issuer, upstream, proxies, lines, seal: { publicKey, alg }, startOne });
  }

  async stop(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const proxy of this.proxies) await proxy.close();
    await this.issuer.stop();
    await this.upstream.stop();
    await this.database.close();
  }

  /** Stops one of the proxies and starts another in its place. */
  async restart(index: number): Promise<void> {
    await this.proxies[index]?.close();
    this.proxies[index] = await this.#startOne();
  }

  get url(): string {
    return this.urlOf(0);
  }

  urlOf(index: number): string {
    const proxy = this.proxies[index];
    if (proxy === undefined) throw new Error(`there is no proxy ${index}`);
    return proxy.url;
  }

  /** The metrics of a proxy, in the format of Prometheus. */
  async readMetrics(index = 0): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.proxies[index]?.metricsPort}/metrics`)).text();
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  async createGrant(
    options: {
      readonly scope?: string;
      readonly limits?: Partial<Limits>;
      readonly expiresInMilliseconds?: number;
      readonly accountId?: string;
    } = {},
  ): Promise<TestGrant> {
    const { db } = this.database;
    const scope = options.scope ?? chatScope;
    const accountId = options.accountId ?? (await this.createAccount());
    const id = randomUUID();
    await insertGrant(db, {
      id,
      accountId,
      clientId: 'client',
      tokens: parseGrantedScope(scope),
      limits: { ...noLimits, ...options.limits },
      reason: undefined,
      expiresAt: new Date(Date.now() + (options.expiresInMilliseconds ?? 3_600_000)),
    });
    return { id, accountId, scope };
  }

  async createAccount(): Promise<string> {
    const account = await insertAccount(this.database.db, { email: `${randomUUID()}@example.org`, passwordHash: 'x' });
    if (account === undefined) throw new Error('the address is taken');
    return account.id;
  }

  /** Signs an access token of the grant, as the authorization server would. */
  async createToken(grant: TestGrant, { claims, ...options }: TokenOptions = {}): Promise<string> {
    return this.issuer.sign({
      ...options,
      claims: { sub: grant.accountId, grant_id: grant.id, scope: grant.scope, ...claims },
    });
  }

  /** Creates a grant and an access token of it. */
  async connect(scope = chatScope, limits: Partial<Limits> = {}): Promise<{ grant: TestGrant; token: string }> {
    const grant = await this.createGrant({ scope, limits });
    return { grant, token: await this.createToken(grant) };
  }

  async addProviderKey(accountId: string, upstream: Upstream, key: string): Promise<void> {
    await upsertProviderKey(this.database.db, await this.#sealKey({ accountId, upstream, version: 1 }, key));
  }

  /** Adds a provider key after those that the account has. */
  async addSpareKey(accountId: string, upstream: Upstream, key: string): Promise<void> {
    const version = await nextProviderKeyVersion(this.database.db, accountId, upstream);
    const sealed = await this.#sealKey({ accountId, upstream, version }, key);
    await insertSpareKey(this.database.db, { ...sealed, name: '', tested: undefined });
  }

  async #sealKey(
    {
      accountId,
      upstream,
      version,
    }: { readonly accountId: string; readonly upstream: Upstream; readonly version: number },
    key: string,
  ) {
    const host = new URL(this.upstream.url).host;
    const header = {
      alg: this.#seal.alg,
      enc: 'A256GCM',
      kid: 'px-1',
      typ: 'provkey+jwe',
      account: accountId,
      upstream,
      host,
      version,
    };
    const jwe = await new CompactEncrypt(new TextEncoder().encode(key))
      .setProtectedHeader(header)
      .encrypt(this.#seal.publicKey);
    return { accountId, upstream, host, version, sealingKeyId: 'px-1', jwe, lastFour: key.slice(-4) };
  }

  async readUsedRequests(grantId: string): Promise<number> {
    const row = await this.database.db
      .selectFrom('grants')
      .select('used_requests')
      .where('id', '=', grantId)
      .executeTakeFirstOrThrow();
    return Number(row.used_requests);
  }

  async post(
    path: string,
    body: unknown,
    token: string,
    options: { readonly headers?: Record<string, string>; readonly proxy?: number; readonly signal?: AbortSignal } = {},
  ): Promise<Response> {
    return fetch(`${this.urlOf(options.proxy ?? 0)}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...options.headers },
      body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
      ...(options.signal && { signal: options.signal }),
    });
  }

  chat(
    token: string,
    changes: Record<string, unknown> = {},
    options: Parameters<TestProxy['post']>[3] = {},
  ): Promise<Response> {
    return this.post(chatPath, { ...chat, ...changes }, token, options);
  }
}

/** The same value for each upstream. */
function ofEach<T>(value: T): Readonly<Record<BuiltInUpstream, T>> {
  return Object.fromEntries(builtInUpstreams.map(({ name }) => [name, value])) as Record<BuiltInUpstream, T>;
}

async function makeSealingKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
  return { ...(await exportJWK(privateKey)), kid: 'px-1' };
}

export const chatPath = '/openai/v1/chat/completions';
export const chat = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] };
