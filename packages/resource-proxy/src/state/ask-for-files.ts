import { Denied } from '../denials/denial.js';
import type { ProxyDependencies } from '../dependencies.js';
import { describeFailure } from '../forwarding/describe-failure.js';
import { readBounded } from '../forwarding/read-bounded.js';
import { buildRequestHeaders } from '../headers/build-request-headers.js';
import { parseAnswer } from '../metering/parse-json.js';
import type { ProviderKey } from '../provider-keys/provider-keys.js';
import { buildUpstreamPath } from '../upstreams/upstream-api.js';
import type { StateRequest } from './state-request.js';

interface FilesQuestion extends StateRequest {
  readonly providerKey: ProviderKey;
  /** The last file of the page before; undefined for the first page. */
  readonly after: string | undefined;
}

interface FilePage {
  readonly files: readonly unknown[];
  readonly hasMore: boolean;
}

const pageFiles = '1000';
/** A thousand files, each with a name of the maximum length, take less. */
const maxAnswerBytes = 4_194_304;
const timeoutMilliseconds = 20_000;

/**
 * Asks the vendor for one page of all files of the account.
 * @throws Denied when there is no usable answer
 */
export async function askForFiles(
  { dispatcher }: Pick<ProxyDependencies, 'dispatcher'>,
  { match, clientHeaders, providerKey, after }: FilesQuestion,
): Promise<FilePage> {
  const { operation } = match;
  const { origin, basePath } = providerKey.url;
  const query = new Map(match.query).set('limit', pageFiles);
  if (after !== undefined) query.set('after', after);
  const target = { pathModel: undefined, pathIds: [], query };
  const { statusCode, bytes } = await dispatcher
    .request({
      origin,
      path: `${basePath}${buildUpstreamPath(operation, target)}`,
      method: 'GET',
      headers: buildRequestHeaders({
        keyHeader: operation.keyHeader,
        providerKey,
        contentType: undefined,
        clientHeaders,
      }),
      signal: AbortSignal.timeout(timeoutMilliseconds),
    })
    .then(async (answer) => ({ ...answer, bytes: await readBounded(answer, maxAnswerBytes) }))
    .catch((error: unknown) => {
      if (error instanceof Error && error.name === 'TimeoutError') throw new Denied({ reason: 'upstream_timeout' });
      throw new Denied(describeFailure(error));
    });
  if (statusCode === 401) throw new Denied({ reason: 'provider_key_rejected', code: undefined });
  const { data, has_more: hasMore } = (statusCode === 200 && bytes && parseAnswer(bytes)) || {};
  if (!Array.isArray(data)) throw new Denied({ reason: 'upstream_failed', detail: `files: status ${statusCode}` });
  return { files: data, hasMore: hasMore === true };
}
