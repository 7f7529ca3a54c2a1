import { authorizationServerPaths as paths, type Tracing } from '@aipassport/contracts';
import type { JSONWebKeySet } from 'jose';
import { type Dispatcher, request } from 'undici';
import type { Secret } from '../secret.js';

export interface AuthorizationServerOptions {
  readonly issuer: string;
  /** The URL at which this proxy reaches the authorization server; undefined if that is its public URL. */
  readonly internalUrl: string | undefined;
  readonly clientId: string;
  /** The secret may be replaced while the proxy runs. */
  readonly readClientSecret: () => Secret;
  readonly dispatcher: Dispatcher;
  readonly tracing: Tracing;
}

/** `refused`: the authorization server does not accept this proxy as a resource server. An operator has to fix that. */
export type IntrospectionAnswer = 'active' | 'inactive' | 'refused';

/**
 * The requests that the proxy sends to the authorization server. Each rejects when the authorization server is
 * unreachable, or when its answer is an unexpected error or is invalid.
 */
export interface AuthorizationServer {
  readonly fetchKeySet: () => Promise<JSONWebKeySet>;
  /**
   * Asks whether a token is active (RFC 7662). The logs of both servers then have the same identifier of the request.
   */
  readonly introspect: (accessToken: string, requestId: string) => Promise<IntrospectionAnswer>;
  /**
   * Introspects an invalid token, to find out whether this proxy may introspect at all. The timeout is shorter than for
   * other tokens, because a probe waits for the answer.
   */
  readonly checkCredentials: () => Promise<'accepted' | 'refused'>;
}

const timeoutMilliseconds = 2_000;
const probeTimeoutMilliseconds = 700;
const maxAnswerBytes = 65_536;

interface IntrospectionOptions {
  readonly requestId?: string;
  readonly milliseconds?: number;
}

export function createAuthorizationServer(options: AuthorizationServerOptions): AuthorizationServer {
  const { issuer, internalUrl = issuer, clientId, readClientSecret, dispatcher, tracing } = options;
  const { host, protocol } = new URL(issuer);
  // The authorization server only accepts requests for its public host name, even if they arrive at an internal
  // URL.
  const issuerHeaders = { host, 'x-forwarded-proto': protocol.slice(0, -1), accept: 'application/json' };

  const introspect = async (
    token: string,
    { requestId, milliseconds = timeoutMilliseconds }: IntrospectionOptions,
  ): Promise<IntrospectionAnswer> => {
    const headers = {
      ...issuerHeaders,
      ...(requestId !== undefined && { 'x-request-id': requestId }),
      ...tracing.headers(),
      authorization: `Basic ${encodeCredentials(clientId, readClientSecret().reveal())}`,
      'content-type': 'application/x-www-form-urlencoded',
    };
    const form = new URLSearchParams({ token, token_type_hint: 'access_token' }).toString();
    const asking = { method: 'POST', headers, body: form, dispatcher, milliseconds } as const;
    const { status, body } = await ask(internalUrl + paths.introspection, asking);
    if (status >= 400 && status < 500 && status !== 429) return 'refused';
    if (status !== 200 || typeof body !== 'object' || body === null || !('active' in body)) {
      throw new Error(`introspection failed (status ${status})`);
    }
    return body.active === true ? 'active' : 'inactive';
  };

  return {
    fetchKeySet: async () => {
      const { status, body } = await ask(internalUrl + paths.jwks, {
        method: 'GET',
        headers: issuerHeaders,
        dispatcher,
      });
      if (status !== 200 || !isKeySet(body))
        throw new Error(`the authorization server's key set is unusable (status ${status})`);
      return body;
    },
    introspect: (accessToken, requestId) => introspect(accessToken, { requestId }),
    checkCredentials: async () =>
      (await introspect('health-check', { milliseconds: probeTimeoutMilliseconds })) === 'refused'
        ? 'refused'
        : 'accepted',
  };
}

/** RFC 6749 section 2.3.1: the identifier and the secret are form-encoded before they are joined. */
function encodeCredentials(clientId: string, clientSecret: string): string {
  const encode = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');
  return Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64');
}

type CallOptions = Required<Pick<Parameters<typeof request>[1] & object, 'method' | 'headers' | 'dispatcher'>> & {
  body?: string;
  milliseconds?: number;
};

async function ask(
  url: string,
  { milliseconds = timeoutMilliseconds, ...options }: CallOptions,
): Promise<{ status: number; body: unknown }> {
  const answer = await request(url, { ...options, signal: AbortSignal.timeout(milliseconds) });
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxAnswerBytes) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  return { status: answer.statusCode, body: text.startsWith('{') ? JSON.parse(text) : undefined };
}

function isKeySet(body: unknown): body is JSONWebKeySet {
  return (
    typeof body === 'object' && body !== null && 'keys' in body && Array.isArray(body.keys) && body.keys.length > 0
  );
}
