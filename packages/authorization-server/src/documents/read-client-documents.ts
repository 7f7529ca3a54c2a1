import {
  countAttempt,
  findClient,
  insertAuditEvent,
  isDocumentFresh,
  storeClientDocument,
} from '@aipassport/store/authorization';
import pLimit from 'p-limit';
import { networkOf, tooMany } from '../account/guessing-limits.js';
import type { Context, Middleware } from '../context.js';
import { Denied } from '../denials/denial.js';
import type { Foundation } from '../foundation.js';
import { listWebOrigins } from '../oidc/list-web-origins.js';
import { listOfferedValues } from '../oidc/offered.js';
import { readCacheLifetime } from './cache-lifetime.js';
import { parseClientDocumentUrl } from './client-document-url.js';
import { type DocumentRequest, DocumentUnreadable, fetchDocument } from './fetch-document.js';
import { parseClientDocument } from './parse-client-document.js';

const windowSeconds = 10 * 60;
/** Documents that requests from one network may make this server fetch. */
const perNetwork = 60;
/** Fetches from one host: this server must not be the means of an attack on it. */
const perHost = 120;
const fetchesAtATime = 16;

const limits = {
  accepts: { header: 'application/json', contentType: /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i },
  maxBytes: 5 * 1024,
  timeoutMilliseconds: 3_000,
} as const satisfies Partial<DocumentRequest>;

type Deps = Pick<Foundation, 'configuration' | 'db' | 'log'>;

/**
 * Reads the metadata of clients whose identifier is the URL of their metadata (OAuth Client ID Metadata Document), before
 * a request begins. The copy is stored like a registered client, so all replicas share it and the token endpoint fetches
 * nothing. A document that cannot be read again is refused, even when there is an older copy: it may have been withdrawn.
 */
export function readClientDocuments(deps: Deps): Middleware {
  if (!deps.configuration.clientDocuments.enabled) return (_ctx, next) => next();
  const oneOfFew = pLimit(fetchesAtATime);
  return async (ctx, next) => {
    const url = ctx.state.endpoint?.beginsRequests ? findDocumentUrl(ctx) : undefined;
    if (url !== undefined && !(await isDocumentFresh(deps.db, url.href))) {
      await requireFewFetches(deps, ctx, url);
      await oneOfFew(() => refresh(deps, url));
    }
    await next();
  };
}

function findDocumentUrl({ state }: Context): URL | undefined {
  const [identifier, ...others] = [...state.query, ...(state.form ?? [])].filter(({ name }) => name === 'client_id');
  return identifier === undefined || others.length > 0
    ? undefined
    : parseClientDocumentUrl(identifier.value.toString());
}

async function requireFewFetches({ db }: Deps, ctx: Context, url: URL): Promise<void> {
  const counts = [
    { key: `document:${networkOf(ctx.ip)}`, limit: perNetwork },
    { key: `document-host:${url.host}`, limit: perHost },
  ];
  for (const { key, limit } of counts) {
    const verdict = await countAttempt(db, { key, limit, windowSeconds });
    if (!verdict.allowed) throw tooMany(verdict.retryAfterSeconds);
  }
}

async function refresh({ configuration, db, log }: Deps, url: URL): Promise<void> {
  const id = url.href;
  const { clientDocuments, redirectSchemes } = configuration;
  try {
    const { body, cacheControl } = await fetchDocument({ ...limits, url, trustedHosts: clientDocuments.trustedHosts });
    const client = parseClientDocument(body, id, { offered: listOfferedValues(configuration), redirectSchemes });
    if (client === undefined) throw new Denied({ reason: 'client_document_invalid' });
    const { redirectUris, metadata } = client;
    const stored = { id, name: client.name ?? url.host, metadata, webOrigins: listWebOrigins(redirectUris) };
    if ((await findClient(db, id)) === undefined)
      await insertAuditEvent(db, { event: 'client_registered', clientId: id });
    await storeClientDocument(db, stored, readCacheLifetime(cacheControl));
  } catch (error) {
    if (!(error instanceof DocumentUnreadable)) throw error;
    log.info({ event: 'client_document_unreadable', host: url.host, problem: error.problem });
    throw new Denied({ reason: 'client_document_unreadable', problem: error.problem });
  }
}
