import { type JsonObject, parseExactUsd } from '@aipassport/policy';
import { refuseBill } from '../ask-vendor.js';
import type { BillLine, BillSource } from '../bill.js';
import { readCount, readObjects } from '../read-pages.js';

const label = 'OpenRouter';

/**
 * OpenRouter’s activity (`GET /api/v1/activity`), in US dollars as JSON numbers. It covers the last 30 complete days,
 * on one page. The lines do not name the key, so each key is asked for by its hash.
 */
export const openrouterBill: BillSource = {
  label,
  baseUrl: 'https://openrouter.ai',
  adminKeyVariable: 'OPENROUTER_ADMIN_KEY',
  adminKeyName: 'a management key (also called provisioning key)',
  keyIdForm: 'the hash of the key, 64 hexadecimal digits',
  keyIdPattern: /^[0-9a-f]{64}$/,
  keptDays: 30,
  headers: (adminKey) => ({ authorization: `Bearer ${adminKey}` }),
  read: async (ask, { from, to }, keyIds) => {
    const lines: BillLine[] = [];
    for (const keyId of keyIds) {
      const { data } = await ask('/api/v1/activity', [['api_key_hash', keyId]]);
      lines.push(...readObjects(data, label).map((item) => readLine(item, keyId)));
    }
    const [first, end] = [from.toISOString().slice(0, 10), to.toISOString().slice(0, 10)];
    return { lines: lines.filter(({ day }) => day >= first && day < end) };
  },
};

function readLine({ date, usage, requests }: JsonObject, keyId: string): BillLine {
  const [day = refuseBill(label)] = (typeof date === 'string' ? /^\d{4}-\d\d-\d\d(?=$|[ T])/.exec(date) : null) ?? [];
  const exactUsd = typeof usage === 'string' ? parseExactUsd(usage) : undefined;
  if (exactUsd === undefined) return refuseBill(label);
  return { day, keyId, exactUsd, requests: readCount(requests, label) };
}
