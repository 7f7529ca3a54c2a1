import {
  type DocumentCopy,
  expireDocumentCopy,
  findDocumentCopy,
  storeClientDocument,
} from '@aipassport/store/authorization';
import { decodeJwt } from 'jose';
import { networkOf, requireFew } from '../account/guessing-limits.js';
import type { Context, Middleware } from '../context.js';
import { type Denial, Denied } from '../denials/denial.js';
import { forRequest } from '../for-request.js';
import type { Foundation } from '../foundation.js';
import { countRegistration } from '../oidc/limit-registrations.js';
import { listWebOrigins } from '../oidc/list-web-origins.js';
import { listIdTokenAlgorithms, listOfferedValues } from '../oidc/offered.js';
import { buildStoredMetadata } from '../oidc/stored-metadata.js';
import { readCacheLifetime } from './cache-lifetime.js';
import { parseClientDocumentUrl } from './client-document-url.js';
import { type DocumentRequest, DocumentUnreadable, fetchDocument, isOutage } from './fetch-document.js';
import { createFetchQueue, type FetchQueue } from './fetch-queue.js';
import { parseClientDocument } from './parse-client-document.js';

const windowSeconds = 10 * 60;
/** The most documents of unknown clients that are fetched for requests from one network, in one window. */
const perNetwork = 60;
/**
 * The most documents of unknown clients that are fetched from one host in one window. Without this limit, this server
 * could be used to attack that host.
 */
const perHost = 120;
/**
 * The most fetches of one known document in one window. Each known document has a limit of its own, which requests for
 * other documents of its host cannot use up. A document is fresh for at least a minute, so six replicas that fetch it
 * at the same time do not exceed the limit.
 */
const perKnownDocument = 60;

const limits = {
  accepts: { header: 'application/json', contentType: /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i },
  maxBytes: 5 * 1024,
  timeoutMilliseconds: 3_000,
} as const satisfies Partial<DocumentRequest>;

type Deps = Pick<Foundation, 'configuration' | 'db' | 'log'>;

/**
 * Fetches the metadata document of a client whose identifier is the document's URL (OAuth Client ID Metadata Document),
 * before oidc-provider reads the request. The copy is stored like a registered client, so all replicas share it, and
 * the token endpoint fetches nothing. If the host is down, an older copy is used for a day. If the host answers that
 * the document is gone, or answers with an invalid document, the older copy is no longer used.
 */
export function readClientDocuments(deps: Deps): Middleware {
  if (!deps.configuration.clientDocuments.enabled) return (_ctx, next) => next();
  // Anyone can name new documents on slow hosts. New documents therefore wait in a separate queue, so that they do not
  // delay known clients.
  const queues = { known: createFetchQueue(), unknown: createFetchQueue() };
  const underway = new Map<string, Promise<void>>();
  return async (ctx, next) => {
    const url = ctx.state.endpoint?.beginsRequests ? findDocumentUrl(ctx) : undefined;
    if (url !== undefined) await refreshOnce(url, ctx);
    await next();
  };

  async function refreshOnce(url: URL, ctx: Context): Promise<void> {
    const copy = await findDocumentCopy(deps.db, url.href);
    if (copy === 'fresh' || copy === 'registered') return;
    // Requests that come at the same time share one fetch.
    const others = underway.get(url.href);
    if (others !== undefined) return others;
    const queue = copy === 'missing' ? queues.unknown : queues.known;
    const reading = refreshUnlessDown(forRequest(deps, ctx), { url, ipAddress: ctx.ip, copy, queue });
    underway.set(url.href, reading);
    return reading.finally(() => underway.delete(url.href));
  }
}

/**
 * The URL of the document that the request names, from the same parameters that oidc-provider reads. If a parameter is
 * repeated, the first one counts here, and oidc-provider refuses the request afterwards.
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
  /** The IP address of the sender of the request that causes the fetch. */
  readonly ipAddress: string;
  /** The state of the copy in the database. */
  readonly copy: DocumentCopy;
  readonly queue: FetchQueue;
}

async function requireFewFetches({ db }: Deps, { url, ipAddress, copy }: Reading): Promise<void> {
  const counts =
    copy !== 'missing'
      ? [{ key: `document-known:${url.href}`, limit: perKnownDocument }]
      : [
          { key: `document:${networkOf(ipAddress)}`, limit: perNetwork },
          { key: `document-host:${url.host}`, limit: perHost },
        ];
  for (const { key, limit } of counts) await requireFew(db, { key, limit, windowSeconds });
}

/** Refreshes a copy. If the host is down, a stale copy stays in use. */
async function refreshUnlessDown(deps: Deps, reading: Reading): Promise<void> {
  const { copy, url } = reading;
  try {
    await refresh(deps, reading);
  } catch (error) {
    if (!(error instanceof Denied) || copy === 'missing') throw error;
    if (isTemporary(error.denial)) {
      if (copy === 'stale') return;
    } else await expireDocumentCopy(deps.db, url.href);
    throw error;
  }
}

/**
 * Whether the same document may be readable later. This is also true when the document was fetched too often: during an
 * outage of its host, each request fetches the document again, so the limit is soon reached.
 */
function isTemporary(denial: Denial): boolean {
  if (denial.reason === 'client_document_unreadable') return isOutage(denial.problem);
  return denial.reason !== 'client_document_invalid';
}

async function refresh(deps: Deps, reading: Reading): Promise<void> {
  const { configuration, db, log } = deps;
  const { url, ipAddress, copy, queue } = reading;
  const id = url.href;
  const { clientDocuments, redirectSchemes } = configuration;
  await requireFewFetches(deps, reading);
  try {
    const { trustedHosts } = clientDocuments;
    const { body, cacheControl } = await queue(() => fetchDocument({ ...limits, url, trustedHosts }));
    const client = parseClientDocument(body, id, { offered: listOfferedValues(configuration), redirectSchemes });
    if (client === undefined) throw new Denied({ reason: 'client_document_invalid' });
    const { redirectUris } = client;
    // As in a registration, the first algorithm is the default.
    const [idTokenAlgorithm] = listIdTokenAlgorithms(configuration);
    const metadata = buildStoredMetadata({ id_token_signed_response_alg: idTokenAlgorithm, ...client.metadata });
    const stored = { id, name: client.name ?? url.host, metadata, webOrigins: listWebOrigins(redirectUris) };
    if (copy === 'missing') await countRegistration(db, ipAddress);
    await storeClientDocument(db, stored, readCacheLifetime(cacheControl));
  } catch (error) {
    if (!(error instanceof DocumentUnreadable)) throw error;
    log.info({ event: 'client_document_unreadable', host: url.host, problem: error.problem });
    throw new Denied({ reason: 'client_document_unreadable', problem: error.problem });
  }
}
