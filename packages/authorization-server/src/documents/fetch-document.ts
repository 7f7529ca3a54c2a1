import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { callbackify } from 'node:util';
import { isPublicIpAddress } from './is-public-ip-address.js';
import { IpAddressNotPublic, type Resolution, resolvePublic } from './resolve-public.js';

/** Why a document could not be read. */
export type DocumentProblem =
  /** The URL is not https, or names an IP address or a port other than 443, or an address of its host is not public. */
  | 'address_refused'
  | 'unreachable'
  | 'too_slow'
  /** A status from 500 to 599, or one that asks to come back later. */
  | 'host_failed'
  /** Any other status except 200. Redirects are not followed. */
  | 'wrong_status'
  | 'wrong_type'
  | 'too_large';

export class DocumentUnreadable extends Error {
  override readonly name = 'DocumentUnreadable';
  readonly problem: DocumentProblem;

  constructor(problem: DocumentProblem, cause?: unknown) {
    super(problem, { cause });
    this.problem = problem;
  }
}

/** The problems of a host that is down. Any other problem means that the document can no longer be used. */
const outages: ReadonlySet<DocumentProblem> = new Set(['unreachable', 'too_slow', 'host_failed']);

/** Whether the document may be readable later, so that an older copy may be used meanwhile. */
export function isOutage(problem: DocumentProblem): boolean {
  return outages.has(problem);
}

export interface DocumentRequest {
  readonly url: URL;
  readonly accepts: { readonly header: string; readonly contentType: RegExp };
  readonly maxBytes: number;
  /** The most time that the whole fetch may take: the name's resolution, the connection and the answer. */
  readonly timeoutMilliseconds: number;
  /** Hosts (`host` or `host:port`) that may have any IP address and port. All others must be public, on port 443. */
  readonly trustedHosts: readonly string[];
  /** The name servers for hosts that are not trusted: see `resolvePublic`. */
  readonly nameServers?: readonly string[];
}

export interface FetchedDocument {
  readonly body: Buffer;
  /** The header `Cache-Control`, unchanged. */
  readonly cacheControl: string | undefined;
}

/**
 * Fetches a document whose URL a stranger chose. The defences against server-side request forgery: only https, only
 * host names (no literal IP addresses), only public addresses (every resolved one, and the connected one), only port
 * 443, no redirects, no cookies or credentials, no decompression, and bounds of size and time.
 *
 * @throws DocumentUnreadable
 */
export async function fetchDocument(wanted: DocumentRequest): Promise<FetchedDocument> {
  const { url, trustedHosts } = wanted;
  const isTrusted = trustedHosts.includes(url.host);
  if (url.protocol !== 'https:' || (!isTrusted && (url.port !== '' || isLiteral(url))))
    throw new DocumentUnreadable('address_refused');
  const signal = AbortSignal.timeout(wanted.timeoutMilliseconds);
  try {
    const response = await open(wanted, isTrusted, signal);
    return { body: await read(response, wanted), cacheControl: response.headers['cache-control'] };
  } catch (cause) {
    if (cause instanceof DocumentUnreadable) throw cause;
    if (cause instanceof IpAddressNotPublic) throw new DocumentUnreadable('address_refused', cause);
    throw new DocumentUnreadable(signal.aborted ? 'too_slow' : 'unreachable', cause);
  }
}

function isLiteral({ hostname }: URL): boolean {
  return isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
}

function open(
  { url, accepts, nameServers }: DocumentRequest,
  isTrusted: boolean,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      agent: false,
      headers: { accept: accepts.header, 'accept-encoding': 'identity', 'user-agent': 'AIPassport' },
      signal,
      ...(isTrusted ? {} : { lookup: createLookup({ signal, nameServers }) }),
    });
    outgoing.on('socket', (socket) => {
      socket.on('secureConnect', () => {
        const { remoteAddress = '' } = socket as TLSSocket;
        if (!isTrusted && !isPublicIpAddress(remoteAddress))
          outgoing.destroy(new DocumentUnreadable('address_refused'));
      });
    });
    outgoing.on('response', resolve);
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/** The connection is made to one of the IP addresses that were checked, because the name is resolved only here. */
function createLookup(resolution: Resolution): LookupFunction {
  const resolve = callbackify((hostname: string) => resolvePublic(hostname, resolution));
  return (hostname, { all }, callback) => {
    resolve(hostname, (error: NodeJS.ErrnoException | null, addresses) => {
      if (error !== null) return callback(error, '');
      const [{ address, family } = { address: '', family: 0 }] = addresses;
      return all ? callback(null, [...addresses]) : callback(null, address, family);
    });
  };
}

/** 408 Request Timeout, 425 Too Early, 429 Too Many Requests, and the errors of the host itself. */
function isTemporary(statusCode = 0): boolean {
  return [408, 425, 429].includes(statusCode) || statusCode >= 500;
}

async function read(response: IncomingMessage, { accepts, maxBytes }: DocumentRequest): Promise<Buffer> {
  const { statusCode, headers } = response;
  try {
    if (statusCode !== 200) throw new DocumentUnreadable(isTemporary(statusCode) ? 'host_failed' : 'wrong_status');
    const isEncoded = (headers['content-encoding'] ?? 'identity') !== 'identity';
    if (isEncoded || !accepts.contentType.test(headers['content-type'] ?? ''))
      throw new DocumentUnreadable('wrong_type');
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBytes) throw new DocumentUnreadable('too_large');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    response.destroy();
  }
}
