import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, {
  type Adapter,
  type AdapterPayload,
  type Configuration,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import { Browser, type Page } from './browser.js';
import { basic, json, postForm, send } from './http.js';
import { makeIdTokenKeys } from './id-token-key.js';

export const resource = 'https://proxy.example';
const clientId = 'app';
const lifetimeSeconds = 600;
const clientSecret = 'the-secret-of-the-app-0123456789-0123456789';
/** RFC 7636 appendix B. */
export const codeVerifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const codeChallenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

/** oidc-provider over HTTP without any code of this server, for tests of how oidc-provider behaves. */
export interface BareProvider {
  readonly provider: Provider;
  readonly url: string;
  readonly authorization: Readonly<Record<string, string>>;
  /** The rows that oidc-provider stores, by model and identifier. */
  readonly rows: Map<string, AdapterPayload>;
  /** The models and identifiers of the rows that oidc-provider destroyed. */
  readonly destroyed: readonly string[];
  readonly newBrowser: () => Browser;
  /**
   * Lets the owner sign in and allow a request.
   * @returns the page to which the browser is sent with the code or the error
   */
  readonly authorize: (browser: Browser, parameters?: Readonly<Record<string, string>>) => Promise<Page>;
  readonly post: (path: string, form: Readonly<Record<string, string>>) => Promise<Record<string, unknown>>;
  readonly redeem: (page: Page) => Promise<Record<string, unknown>>;
  /** The form that redeems the code of this page. */
  readonly describeRedemption: (page: Page) => Readonly<Record<string, string>>;
  /** Revokes a token. @returns the error; an empty object after a success */
  readonly postRevocation: (token: string) => Promise<Record<string, unknown>>;
  /** Registers a client, if registration is on. */
  readonly register: (metadata: object) => Promise<Record<string, unknown>>;
  readonly close: () => Promise<void>;
}

interface BareOptions {
  readonly configuration?: Configuration;
  /** Applied before the first request. */
  readonly prepare?: (provider: Provider) => void;
  readonly createProvider?: (issuer: string, configuration: Configuration) => Provider;
}

export async function startBareProvider({
  configuration = {},
  prepare = () => undefined,
  createProvider = (issuer, options) => new Provider(issuer, options),
}: BareOptions = {}): Promise<BareProvider> {
  const rows = new Map<string, AdapterPayload>();
  const destroyed: string[] = [];
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const base = describeConfiguration(rows, destroyed);
  const jwks = { keys: [...(await makeIdTokenKeys())].map((key) => ({ ...key })) };
  const options = { ...base, jwks, ...configuration };
  // The type is a union over features, although they do not depend on each other.
  const features = { ...base.features, ...configuration.features } as NonNullable<Configuration['features']>;
  const provider = createProvider(url, { ...options, features });
  prepare(provider);
  provideInteractions(provider);
  const answer = provider.callback();
  const authorization = basic(clientId, clientSecret);
  return {
    provider,
    url,
    authorization,
    rows,
    destroyed,
    newBrowser: () => new Browser(url),
    authorize: async (browser, parameters = {}) => browser.open(`/auth?${describeRequest(parameters).toString()}`),
    post: async (path, form) => json(await postForm(`${url}${path}`, form, authorization)),
    redeem: async (page) => json(await postForm(`${url}/token`, describeRedemption(page), authorization)),
    describeRedemption,
    postRevocation: async (token) => {
      const { text } = await postForm(`${url}/token/revocation`, { token }, authorization);
      return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    },
    register: async (metadata) => {
      const headers = { 'content-type': 'application/json' };
      return json(await send(`${url}/reg`, { method: 'POST', headers, body: JSON.stringify(metadata) }));
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const redirectUri = 'https://app.example/cb';

function describeRedemption(page: Page): Readonly<Record<string, string>> {
  const code = page.url.searchParams.get('code') ?? '';
  return { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: codeVerifier };
}

/** Pushes a request (RFC 9126). @returns the path and query at which the owner opens it */
export async function pushRequest(bare: Pick<BareProvider, 'post'>): Promise<string> {
  const { request_uri: uri } = await bare.post('/request', Object.fromEntries(describeRequest({})));
  return `/auth?${new URLSearchParams({ client_id: clientId, request_uri: String(uri) }).toString()}`;
}

/** The parameters of a request that the bare provider accepts. */
export function describeRequest(parameters: Readonly<Record<string, string>>): URLSearchParams {
  return new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid offline_access model:a',
    prompt: 'consent',
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
    ...parameters,
  });
}

const features = {
  devInteractions: { enabled: false },
  introspection: { enabled: true, allowedPolicy: () => true },
  revocation: { enabled: true, allowedPolicy: () => true },
  resourceIndicators: {
    enabled: true,
    defaultResource: (_ctx: unknown, _client: unknown, oneOf?: readonly string[]) => oneOf?.[0] ?? resource,
    useGrantedResource: () => true,
    getResourceServerInfo: () => ({
      scope: 'model:a model:b model:gpt-4o cap:chat',
      audience: resource,
      accessTokenFormat: 'jwt',
    }),
  },
} as const satisfies Configuration['features'];

function describeConfiguration(rows: Map<string, AdapterPayload>, destroyed: string[]) {
  return {
    adapter: (model: string) => createMapAdapter(rows, destroyed, model),
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        post_logout_redirect_uris: ['https://app.example/bye'],
        grant_types: ['authorization_code', 'refresh_token', 'implicit'],
        response_types: ['code', 'code id_token'] as const,
        authorization_details_types: ['test'],
      },
    ],
    cookies: { keys: ['a-cookie-key-of-these-tests'] },
    interactions: { url: (_ctx: unknown, { uid }: { readonly uid: string }) => `/interaction/${uid}` },
    findAccount: (_ctx: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
    issueRefreshToken: () => true,
    expiresWithSession: () => false,
    renderError: (ctx: KoaContextWithOIDC, out: object) => void (ctx.body = out),
    ttl: {
      AccessToken: lifetimeSeconds,
      AuthorizationCode: lifetimeSeconds,
      Grant: lifetimeSeconds,
      IdToken: lifetimeSeconds,
      Interaction: lifetimeSeconds,
      RefreshToken: lifetimeSeconds,
      Session: lifetimeSeconds,
    },
    features,
  } as const satisfies Configuration;
}

/** Keeps rows in a map, where they do not expire. When a grant is revoked, its artifacts are removed. */
function createMapAdapter(rows: Map<string, AdapterPayload>, destroyed: string[], model: string): Adapter {
  const key = (id: string) => `${model}:${id}`;
  return {
    upsert: async (id, payload) => void rows.set(key(id), payload),
    find: async (id) => rows.get(key(id)),
    findByUid: async (uid) => [...rows.values()].find((row) => row.kind === model && row.uid === uid),
    findByUserCode: async () => undefined,
    consume: async (id) => void rows.set(key(id), { ...rows.get(key(id)), consumed: 1 }),
    destroy: async (id) => {
      destroyed.push(key(id));
      rows.delete(key(id));
    },
    revokeByGrantId: async (grantId) => {
      for (const [id, row] of rows) if (row.kind === model && row.grantId === grantId) rows.delete(id);
    },
  };
}

/** Answers each interaction without a page: signs the owner in, or allows `model:a` and `model:b`. */
function provideInteractions(provider: Provider): void {
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next();
    const { prompt, session } = await provider.interactionDetails(ctx.req, ctx.res);
    const result =
      prompt.name === 'login'
        ? { login: { accountId: 'owner' } }
        : { consent: { grantId: await allow(provider, session?.accountId ?? '') } };
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
  });
}

async function allow(provider: Provider, accountId: string): Promise<string> {
  const grant = new provider.Grant({ accountId, clientId });
  grant.addOIDCScope('openid offline_access');
  grant.addResourceScope(resource, 'model:a model:b');
  return grant.save();
}
