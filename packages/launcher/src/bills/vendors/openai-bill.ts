import { type JsonObject, parseExactUsd } from '@aipassport/policy';
import { type AskVendor, refuseBill } from '../ask-vendor.js';
import type { BillLine, BillSource, Period } from '../bill.js';
import { readCount, readKeyId, readObject, readObjects, readPages, requireUsd } from '../read-pages.js';

const label = 'OpenAI';
/** The reports of usage that have a number of requests. The report of costs has none. */
const counted = ['completions', 'embeddings', 'images', 'audio_speeches', 'audio_transcriptions', 'moderations'];

/**
 * OpenAI’s report of costs (`GET /v1/organization/costs`), in US dollars as JSON numbers. The requests are in the
 * reports of usage, one for each kind of operation.
 */
export const openaiBill: BillSource = {
  label,
  baseUrl: 'https://api.openai.com',
  adminKeyVariable: 'OPENAI_ADMIN_KEY',
  adminKeyName: 'an admin key of the organization',
  keyIdForm: 'key_…',
  keyIdPattern: /^[\w-]{1,200}$/,
  headers: (adminKey) => ({ authorization: `Bearer ${adminKey}` }),
  read: async (ask, period) => {
    const lines = [...(await readReport(ask, { period, name: 'costs', limit: 180, readLine: readCost }))];
    for (const kind of counted)
      lines.push(...(await readReport(ask, { period, name: `usage/${kind}`, limit: 31, readLine: readRequests })));
    return { lines };
  },
};

interface Report {
  readonly period: Period;
  readonly name: string;
  /** The most days on one page. */
  readonly limit: number;
  readonly readLine: (result: JsonObject) => Omit<BillLine, 'day'>;
}

async function readReport(ask: AskVendor, report: Report): Promise<readonly BillLine[]> {
  const { period, name, limit, readLine } = report;
  const query = [
    ['start_time', String(period.from.getTime() / 1_000)],
    ['end_time', String(period.to.getTime() / 1_000)],
    ['bucket_width', '1d'],
    ['group_by[]', 'api_key_id'],
    ['limit', String(limit)],
  ] as const;
  const pages = await readPages(ask, { label, path: `/v1/organization/${name}`, query });
  return pages.flatMap((page) =>
    readObjects(page['data'], label).flatMap(({ start_time: start, results }) => {
      const day = new Date(readCount(start, label) * 1_000).toISOString().slice(0, 10);
      return readObjects(results, label).map((result) => ({ day, ...readLine(result) }));
    }),
  );
}

function readCost({ api_key_id: id, amount }: JsonObject): Omit<BillLine, 'day'> {
  const { value, currency } = readObject(amount, label);
  requireUsd(currency, label);
  const exactUsd = typeof value === 'string' ? parseExactUsd(value) : undefined;
  if (exactUsd === undefined) return refuseBill(label);
  return { keyId: readKeyId(id, label), exactUsd, requests: 0 };
}

function readRequests({ api_key_id: id, num_model_requests: requests }: JsonObject): Omit<BillLine, 'day'> {
  return { keyId: readKeyId(id, label), exactUsd: undefined, requests: readCount(requests, label) };
}
