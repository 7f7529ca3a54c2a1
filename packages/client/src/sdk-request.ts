import * as oauth from 'oauth4webapi';
import type { ClientSettings } from './client-settings.js';
import { isOnThisMachine } from './is-on-this-machine.js';

/** A request of an SDK, without the SDK's API key. */
export interface SdkRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: oauth.ProtectedResourceRequestBody;
  readonly signal: AbortSignal | undefined;
  /** Whether the body can be sent twice. */
  readonly isRepeatable: boolean;
}

/** The headers in which the SDKs send their API key. */
const keyHeaders = ['authorization', 'x-api-key', 'x-goog-api-key'];

/** @throws TypeError when the URL of the request is not below `resourceProxyUrl` */
export async function readSdkRequest(
  input: RequestInfo | URL,
  init: RequestInit = {},
  resourceProxyUrl: string,
): Promise<SdkRequest> {
  const request = input instanceof Request ? input : undefined;
  const url = new URL(input instanceof Request ? input.url : input);
  requireProxy(url, resourceProxyUrl);
  const headers = new Headers(init.headers ?? request?.headers);
  const body = await readBody(init.body ?? (await request?.arrayBuffer()), headers);
  for (const name of keyHeaders) headers.delete(name);
  return {
    url,
    method: init.method ?? request?.method ?? 'GET',
    headers,
    body,
    signal: init.signal ?? request?.signal,
    isRepeatable: !(body instanceof ReadableStream),
  };
}

function requireProxy(url: URL, resourceProxyUrl: string): void {
  const proxy = new URL(resourceProxyUrl);
  const path = proxy.pathname.endsWith('/') ? proxy.pathname : `${proxy.pathname}/`;
  if (url.origin === proxy.origin && `${url.pathname}/`.startsWith(path)) return;
  throw new TypeError(
    `This fetch sends an access token, so it sends requests only to URLs below ${proxy.href}. Set the base URL of the SDK.`,
  );
}

/** Forms and files become bytes, which can be sent again. A stream stays a stream. */
async function readBody(
  body: BodyInit | ArrayBuffer | null | undefined,
  headers: Headers,
): Promise<oauth.ProtectedResourceRequestBody> {
  if (body === null || body === undefined) return undefined;
  if (typeof body === 'string' || body instanceof ReadableStream || body instanceof Uint8Array) return body as never;
  if (body instanceof ArrayBuffer) return body.byteLength === 0 ? undefined : body;
  const encoded = new Response(body);
  const type = encoded.headers.get('content-type');
  if (type !== null && !headers.has('content-type')) headers.set('content-type', type);
  return encoded.arrayBuffer();
}

/**
 * Sends a request with an access token, and with a DPoP proof if `proofs` is given. If the proxy requires its own nonce
 * in the proof, and the body can be sent twice, sends the request again with that nonce. Returns a refusal like any
 * other answer.
 */
export async function sendWithToken(
  request: SdkRequest,
  sender: {
    readonly accessToken: string;
    readonly proofs: oauth.DPoPHandle | undefined;
    readonly settings: ClientSettings;
  },
): Promise<Response> {
  const { proofs } = sender;
  const first = await sendOnce(request, sender);
  const wantsNonce = first.challenge !== undefined && oauth.isDPoPNonceError(first.challenge);
  if (!wantsNonce || proofs === undefined || !request.isRepeatable) return first.response;
  await first.response.body?.cancel();
  return (await sendOnce(request, sender)).response;
}

async function sendOnce(
  { url, method, headers, body, signal }: SdkRequest,
  { accessToken, proofs, settings }: Parameters<typeof sendWithToken>[1],
): Promise<{ readonly response: Response; readonly challenge?: oauth.WWWAuthenticateChallengeError }> {
  try {
    const response = await oauth.protectedResourceRequest(accessToken, method, url, headers, body, {
      [oauth.allowInsecureRequests]: isOnThisMachine(settings.resourceProxyUrl),
      ...(proofs && { DPoP: proofs }),
      ...(settings.fetch && { [oauth.customFetch]: settings.fetch as never }), // the library's own type is narrower
      ...(signal && { signal }),
    });
    return { response };
  } catch (error) {
    if (error instanceof oauth.WWWAuthenticateChallengeError) return { response: error.response, challenge: error };
    throw error;
  }
}
