import type { Model } from '@aipassport/policy';
import { Denied } from '../../denials/denial.js';
import type { ModelPage } from '../upstream-api.js';

const defaultLimit = 20;
const maxLimit = 1_000;

/**
 * Returns one page of the list of models, in the format of `GET /v1/models`. The vendor lists the newest models first;
 * this list is in the order of the catalogue.
 */
export function listAnthropicModels(models: readonly Model[], { query }: ModelPage): unknown {
  const limit = readLimit(query.get('limit'));
  const start = indexAfter(models, query.get('after_id'));
  const end = query.has('before_id') ? indexOf(models, query.get('before_id')) : models.length;
  const from = query.has('before_id') ? Math.max(start, end - limit) : start;
  const page = models.slice(from, Math.min(end, from + limit));
  return {
    data: page.map(describeAnthropicModel),
    has_more: query.has('before_id') ? from > start : from + page.length < end,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  };
}

export function describeAnthropicModel({ id }: Model): unknown {
  return { type: 'model', id, display_name: id, created_at: '1970-01-01T00:00:00Z' };
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return defaultLimit;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > maxLimit) throw new Denied({ reason: 'field_invalid', field: 'limit' });
  return limit;
}

function indexAfter(models: readonly Model[], id: string | undefined): number {
  return id === undefined ? 0 : indexOf(models, id) + 1;
}

function indexOf(models: readonly Model[], id: string | undefined): number {
  const index = models.findIndex((model) => model.id === id);
  if (index === -1) throw new Denied({ reason: 'query_not_allowed' });
  return index;
}
