import { type ExactUsd, type JsonObject, parseExactUsd } from '@aipassport/policy';
import { refuseBill } from '../ask-vendor.js';
import type { BillLine, BillSource } from '../bill.js';
import { readCount, readKeyId, readObject, readObjects, readPages, requireUsd } from '../read-pages.js';

const label = 'Anthropic';

/**
 * Anthropic’s report of costs by API key (`GET /v1/organizations/analytics/cost`), in cents as decimal texts. The older
 * `cost_report` cannot tell the keys apart.
 */
export const anthropicBill: BillSource = {
  label,
  baseUrl: 'https://api.anthropic.com',
  adminKeyVariable: 'ANTHROPIC_ADMIN_KEY',
  adminKeyName: 'an Admin API key of the organization',
  keyIdForm: 'apikey_…',
  keyIdPattern: /^[\w-]{1,200}$/,
  keptDays: 365,
  headers: (adminKey) => ({
    'x-api-key': adminKey,
    'anthropic-version': '2023-06-01',
    'anthropic-beta': 'analytics-usage-cost-2026-08-24',
  }),
  read: async (ask, { from, to }) => {
    const query = [
      ['starting_at', from.toISOString()],
      ['ending_at', to.toISOString()],
      ['time_bucket_width', '1d'],
      ['group_by[]', 'api_key_id'],
      ['order_by', 'time'],
      ['order', 'asc'],
      ['limit', '1000'],
    ] as const;
    const pages = await readPages(ask, { label, path: '/v1/organizations/analytics/cost', query });
    const lines = pages.flatMap((page) => readObjects(page['data'], label).map(readLine));
    return { lines, completeUntil: readRefresh(pages) };
  },
};

function readLine({ starting_at: start, group, cost }: JsonObject): BillLine {
  const { amount, list_amount: list, currency, requests } = readObject(cost, label);
  requireUsd(currency, label);
  const began = typeof start === 'string' ? new Date(start) : undefined;
  if (began === undefined || Number.isNaN(began.getTime())) return refuseBill(label);
  return {
    day: began.toISOString().slice(0, 10),
    keyId: readKeyId(readObject(group, label)['api_key_id'], label),
    exactUsd: readCents(amount),
    exactListUsd: readCents(list),
    requests: readCount(requests, label),
  };
}

function readCents(amount: unknown): ExactUsd {
  return (typeof amount === 'string' ? parseExactUsd(amount, 'cent') : undefined) ?? refuseBill(label);
}

/** The time until which the report is complete. Each page has such a time, and the earliest one is used. */
function readRefresh(pages: readonly JsonObject[]): Date | undefined {
  const times = pages.map(({ data_refreshed_at: at }) => (typeof at === 'string' ? Date.parse(at) : Number.NaN));
  // If a page does not have this time, no day counts as complete.
  return new Date(times.some(Number.isNaN) ? 0 : Math.min(...times));
}
