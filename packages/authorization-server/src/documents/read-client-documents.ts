import { findDocumentCopy, storeClientDocument } from '@aipassport/store/authorization';
import { decodeJwt } from 'jose';
import pLimit from 'p-limit';
import { networkOf, requireFew } from '../account/guessing-limits.js';
import type { Context, Middleware } from '../context.js';
import { Denied } from '../denials/denial.js';
import type { Foundation } from '../foundation.js';
import { countRegistration } from '../oidc/limit-registrations.js';
import { listWebOrigins } from '../oidc/list-web-origins.js';
import { listIdTokenAlgorithms, listOfferedValues } from '../oidc/offered.js';
import { buildStoredMetadata } from '../oidc/stored-metadata.js';
import { readCacheLifetime } from './cache-lifetime.js';
import { parseClientDocumentUrl } from './client-document-url.js';
import { type DocumentRequest, DocumentUnreadable, fetchDocument } from './fetch-document.js';
import { parseClientDocument } from './parse-client-document.js';

const windowSeconds = 10 * 60;
/** The most documents of unknown clients that are fetched for requests from one network, in one window. */
const perNetwork = 60;
/** The most that are fetched from one host, so that this server cannot be used to attack that host. */
const perHost = 120;
/**
 * The most fetches of one known document. The document has a limit of its own, so that requests for other documents of
 * its host cannot use the limit up. A document is fresh for at least a minute, so six replicas that fetch it at the
 * same time do not exceed the limit.
 */
const perKnownDocument = 60;
const fetchesAtATime = 16;

const limits = {
  accepts: { header: 'application/json', contentType: /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i },
  maxBytes: 5 * 1024,
  timeoutMilliseconds: 3_000,
} as const satisfies Partial<DocumentRequest>;

type Deps = Pick<Foundation, 'configuration' | 'db' | 'log'>;

/**
 * Reads the metadata of clients whose identifier is the URL of their metadata (OAuth Client ID Metadata Document),
 * before a request begins. The copy is stored like a registered client, so all replicas share it and the token endpoint
 * fetches nothing. If a document cannot be read again, the request is refused even when there is an older copy, because
 * the document may have been withdrawn.
 */
export function readClientDocuments(deps: Deps): Middleware {
  if (!deps.configuration.clientDocuments.enabled) return (_ctx, next) => next();
  const oneOfFew = pLimit(fetchesAtATime);
  const underway = new Map<string, Promise<void>>();
  return async (ctx, next) => {
    const url = ctx.state.endpoint?.beginsRequests ? findDocumentUrl(ctx) : undefined;
    if (url !== undefined) await refreshOnce(url, ctx);
    await next();
  };

  async function refreshOnce(url: URL, { ip }: Context): Promise<void> {
    const copy = await findDocumentCopy(deps.db, url.href);
    if (copy === 'fresh' || copy === 'registered') return;
    // Requests that come at the same time cause one fetch.
    const others = underway.get(url.href);
    if (others !== undefined) return others;
    const reading = oneOfFew(() => refresh(deps, { url, address: ip, isKnown: copy === 'stale' }));
    underway.set(url.href, reading);
    return reading.finally(() => underway.delete(url.href));
  }
}

/**
 * The URL of the document that the request names, from the same parameters that oidc-provider reads. oidc-provider
 * refuses repeated parameters.
 */
function findDocumentUrl({ method, state }: Context): URL | undefined {
  const parameters = method === 'POST' ? (state.form ?? []) : state.query;
  const find = (wanted: string) => parameters.find(({ name }) => name === wanted)?.value.toString();
  const identifier = find('client_id') ?? readSubject(find('client_assertion'));
  return identifier === undefined ? undefined : parseClientDocumentUrl(identifier);
}

/** RFC 7521 section 4.2: with an assertion, `client_id` may be left out. oidc-provider verifies the assertion later. */
function readSubject(assertion: string | undefined): string | undefined {
  try {
    return assertion === undefined ? undefined : decodeJwt(assertion).sub;
  } catch {
    return undefined;
  }
}

interface Reading {
  readonly url: URL;
  /** The client address of the request that causes the fetch. */
  readonly address: string;
  /** Whether there is an older copy. */
  readonly isKnown: boolean;
}

async function requireFewFetches({ db }: Deps, { url, address, isKnown }: Reading): Promise<void> {
  const counts = isKnown
    ? [{ key: `document-known:${url.href}`, limit: perKnownDocument }]
    : [
        { key: `document:${networkOf(address)}`, limit: perNetwork },
        { key: `document-host:${url.host}`, limit: perHost },
      ];
  for (const { key, limit } of counts) await requireFew(db, { key, limit, windowSeconds });
}

async function refresh(deps: Deps, reading: Reading): Promise<void> {
  const { configuration, db, log } = deps;
  const { url, address, isKnown } = reading;
  const id = url.href;
  const { clientDocuments, redirectSchemes } = configuration;
  await requireFewFetches(deps, reading);
  try {
    const { body, cacheControl } = await fetchDocument({ ...limits, url, trustedHosts: clientDocuments.trustedHosts });
    const client = parseClientDocument(body, id, { offered: listOfferedValues(configuration), redirectSchemes });
    if (client === undefined) throw new Denied({ reason: 'client_document_invalid' });
    const { redirectUris } = client;
    // As in a registration, the first algorithm is the default.
    const [idTokenAlgorithm] = listIdTokenAlgorithms(configuration);
    const metadata = buildStoredMetadata({ id_token_signed_response_alg: idTokenAlgorithm, ...client.metadata });
    const stored = { id, name: client.name ?? url.host, metadata, webOrigins: listWebOrigins(redirectUris) };
    if (!isKnown) await countRegistration(db, address);
    await storeClientDocument(db, stored, readCacheLifetime(cacheControl));
  } catch (error) {
    if (!(error instanceof DocumentUnreadable)) throw error;
    log.info({ event: 'client_document_unreadable', host: url.host, problem: error.problem });
    throw new Denied({ reason: 'client_document_unreadable', problem: error.problem });
  }
}
