import { isJsonObject, type JsonObject } from '@aipassport/policy';
import { listStoredIds } from '@aipassport/store/proxying';
import { Denied } from '../denials/denial.js';
import type { ProxyDependencies } from '../dependencies.js';
import type { Exchange } from '../exchange.js';
import { denialOfCut } from '../forwarding/denial-of-cut.js';
import type { Outcome } from '../forwarding/outcome.js';
import type { ProviderKey } from '../provider-keys/provider-keys.js';
import type { LiveRequest } from '../revocation/live-requests.js';
import { AnswerFilter } from '../secrecy/answer-filter.js';
import { askForFiles } from './ask-for-files.js';
import type { StateRequest } from './state-request.js';

export interface FileListing extends StateRequest {
  readonly exchange: Exchange;
  readonly live: LiveRequest;
  readonly providerKey: ProviderKey;
}

/** The vendor's maximum, which is also its default. */
const mostFiles = 10_000;
/** The vendor is asked for at most this many pages of a thousand files of the account. */
const mostPages = 100;

/**
 * Answers with the grant's own files. The vendor lists all files of the account, so the proxy reads its list page by
 * page, and leaves out files that are not recorded for the grant. It reads only until the page that the client asked
 * for is full, or until all recorded files have been seen.
 *
 * @throws Denied
 */
export async function listOwnFiles(deps: ProxyDependencies, listing: FileListing): Promise<Outcome> {
  const { exchange, live, providerKey, match } = listing;
  const own = await findOwn(deps, listing);
  const limit = readLimit(match.query.get('limit'));
  const files: JsonObject[] = [];
  const missing = new Set(own);
  let after = match.query.get('after');
  for (let page = 0; missing.size > 0 && files.length <= limit; page += 1) {
    if (page === mostPages) throw new Denied({ reason: 'upstream_failed', detail: 'too many files' });
    const answer = await askForFiles(deps, { ...listing, after });
    if (live.cutReason !== undefined) throw new Denied(denialOfCut(live.cutReason));
    for (const file of answer.files) {
      if (!isJsonObject(file) || typeof file.id !== 'string') continue;
      after = file.id;
      if (missing.delete(file.id)) files.push(file);
    }
    if (!answer.hasMore || answer.files.length === 0) break;
  }
  const data = files.slice(0, limit);
  const list = {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: files.length > limit,
  };
  const filter = new AnswerFilter(providerKey, match.operation.form);
  filter.begin({});
  const body = filter.filterWhole(Buffer.from(JSON.stringify(list)));
  exchange.response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  return { kind: 'answered', status: 200 };
}

/** @returns the files that may be in the answer */
async function findOwn({ db }: ProxyDependencies, { match, claims }: FileListing): Promise<ReadonlySet<string>> {
  const { upstream } = match.operation;
  const own = new Set(await listStoredIds(db, { grantId: claims.grantId, upstream, kind: 'file' }));
  const after = match.query.get('after');
  if (after !== undefined && !own.delete(after)) throw new Denied({ reason: 'state_unknown', field: 'after' });
  return own;
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return mostFiles;
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > mostFiles) throw new Denied({ reason: 'query_not_allowed', field: 'limit' });
  return limit;
}
