import { isJsonObject, type JsonObject } from '@aipassport/policy';
import { type AskVendor, BillUnavailable, type Query, refuseBill } from './ask-vendor.js';

export interface PagedReport {
  readonly label: string;
  readonly path: string;
  readonly query: Query;
}

/** A report of 31 days is far shorter. The bound ends the reading if each page names another page. */
const maxPages = 1_000;

/**
 * Reads all pages of a report that names its next page in `next_page` while `has_more` is true.
 * @returns the pages
 */
export async function readPages(ask: AskVendor, report: PagedReport): Promise<readonly JsonObject[]> {
  const { label, path, query } = report;
  const pages: JsonObject[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await ask(path, cursor === undefined ? query : [...query, ['page', cursor]]);
    pages.push(page);
    cursor = nextOf(page, label);
    if (cursor !== undefined && (seen.has(cursor) || seen.size === maxPages))
      throw new BillUnavailable(`${label}’s report has no end: a page was named twice, or there are too many.`);
    if (cursor !== undefined) seen.add(cursor);
  } while (cursor !== undefined);
  return pages;
}

function nextOf({ has_more: hasMore, next_page: next }: JsonObject, label: string): string | undefined {
  if (hasMore === false) return undefined;
  return hasMore === true && typeof next === 'string' && next !== '' ? next : refuseBill(label);
}

/** The members of a list of objects. */
export function readObjects(list: unknown, label: string): readonly JsonObject[] {
  return Array.isArray(list) && list.every(isJsonObject) ? list : refuseBill(label);
}

export function readObject(value: unknown, label: string): JsonObject {
  return isJsonObject(value) ? value : refuseBill(label);
}

/** A number of requests, as the vendor wrote it. */
export function readCount(value: unknown, label: string): number {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : refuseBill(label);
}

/** The identifier of a key. undefined: the vendor names none. */
export function readKeyId(value: unknown, label: string): string | undefined {
  if (value === null || value === undefined) return undefined;
  return typeof value === 'string' ? value : refuseBill(label);
}

/** All amounts of the ledger are US dollars, so another currency cannot be compared. */
export function requireUsd(currency: unknown, label: string): void {
  if (typeof currency !== 'string' || !/^[a-z]{3}$/i.test(currency)) return refuseBill(label);
  if (currency.toLowerCase() !== 'usd')
    throw new BillUnavailable(
      `${label} bills in ${currency.toUpperCase()}. Only amounts in US dollars can be compared.`,
    );
}
