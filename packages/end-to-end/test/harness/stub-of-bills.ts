import type { ServerResponse } from 'node:http';
import type { UpstreamHit } from './recording-upstream.js';

/** The vendor's admin key. It may read costs, and nothing else accepts it. */
export const adminKey = 'admin-canary-plover-5512-may-read-costs';

/** A line of the vendor's cost report. */
export interface BookedCost {
  readonly day: string;
  /** null: usage without an API key. */
  readonly keyId: string | null;
  /** The number as it is written in the answer: US dollars for OpenAI and OpenRouter, cents for Anthropic. */
  readonly amount: string;
  readonly requests: number;
}

/**
 * A STUB of the cost reports of OpenAI, Anthropic and OpenRouter. It was made from their documentation, with our own
 * words and numbers. It was never compared with the vendors' servers. Each answer says that it comes from a stub.
 */
export class StubOfBills {
  booked: readonly BookedCost[] = [];
  currency = 'usd';
  /** How many lines or days are on one page. */
  pageSize = 1;
  /** This many of the next requests are answered with 429. */
  limited = 0;
  retryAfter = '0';
  /** Until when Anthropic's data is complete. */
  refreshedAt = new Date().toISOString();
  /** If this is set, it answers every request. */
  instead: ((response: ServerResponse) => void) | undefined;
  readonly targets: string[] = [];

  readonly behaviour = (hit: UpstreamHit, response: ServerResponse): void => {
    const url = new URL(hit.target, 'http://stub');
    this.targets.push(hit.target);
    response.setHeader('x-stub', 'not a vendor');
    if (this.instead !== undefined) return this.instead(response);
    if (this.limited > 0) {
      this.limited -= 1;
      response.setHeader('retry-after', this.retryAfter);
      return answer(response, 429, '{"error":{"type":"rate_limit"}}');
    }
    const key = hit.headers['x-api-key'] ?? hit.headers['authorization']?.replace('Bearer ', '');
    // Vendors repeat a part of the wrong key. This stub repeats all of it, which is the worst case.
    if (key !== adminKey) return answer(response, 401, JSON.stringify({ error: { message: `Wrong key: ${key}` } }));
    if (url.pathname === '/api/v1/activity') return answer(response, 200, this.#activity(url));
    if (url.pathname === '/v1/organizations/analytics/cost') return answer(response, 200, this.#analytics(url));
    return answer(response, 200, this.#organization(url));
  };

  /** OpenAI: buckets of a day, paged by buckets. Costs have amounts, usage has requests. */
  #organization({ pathname, searchParams: query }: URL): string {
    const [from, to] = [Number(query.get('start_time')), Number(query.get('end_time'))];
    const starts = Array.from({ length: (to - from) / 86_400 }, (_, index) => from + index * 86_400);
    const { page, members } = this.#page(starts, query);
    const buckets = members.map((start) => {
      const day = new Date(start * 1_000).toISOString().slice(0, 10);
      const results = this.booked.filter((line) => line.day === day).map((line) => writeOpenai(pathname, line, this));
      const written = results.filter((result) => result !== undefined).join();
      return `{"object":"bucket","start_time":${start},"end_time":${start + 86_400},"results":[${written}]}`;
    });
    return `{"object":"page","data":[${buckets.join()}],${page}}`;
  }

  /** Anthropic: one row for each day and key. The amounts are texts. */
  #analytics({ searchParams: query }: URL): string {
    const [from = '', to = ''] = [query.get('starting_at')?.slice(0, 10), query.get('ending_at')?.slice(0, 10)];
    const inRange = this.booked.filter(({ day }) => day >= from && day < to);
    const { page, members } = this.#page(inRange, query);
    const rows = members.map(({ day, keyId, amount, requests }) =>
      JSON.stringify({
        starting_at: `${day}T00:00:00Z`,
        ending_at: new Date(Date.parse(day) + 86_400_000).toISOString(),
        group: { api_key_id: keyId, model: null, workspace_id: null },
        cost: { amount, list_amount: amount, currency: this.currency.toUpperCase(), requests },
      }),
    );
    return `{"data":[${rows.join()}],${page},"data_refreshed_at":"${this.refreshedAt}"}`;
  }

  /** OpenRouter: the lines of one key, one for each day and host of a model, all on one page. */
  #activity({ searchParams: query }: URL): string {
    const lines = this.booked.filter(({ keyId }) => keyId === query.get('api_key_hash'));
    const items = lines.map(
      ({ day, amount, requests }) =>
        `{"date":"${day}","model":"own/words","model_permaslug":"own/words-1","endpoint_id":"e","provider_name":"Own",` +
        `"usage":${amount},"byok_usage_inference":0,"requests":${requests},"prompt_tokens":5,"completion_tokens":2,"reasoning_tokens":0}`,
    );
    return `{"data":[${items.join()}]}`;
  }

  #page<T>(all: readonly T[], query: URLSearchParams): { readonly page: string; readonly members: readonly T[] } {
    const start = Number(query.get('page')?.slice('cursor-'.length) ?? 0);
    const end = start + this.pageSize;
    const hasMore = end < all.length;
    const page = `"has_more":${hasMore},"next_page":${hasMore ? `"cursor-${end}"` : 'null'}`;
    return { page, members: all.slice(start, end) };
  }
}

function writeOpenai(pathname: string, { keyId, amount, requests }: BookedCost, { currency }: StubOfBills) {
  const id = JSON.stringify(keyId);
  if (pathname === '/v1/organization/costs')
    return `{"object":"organization.costs.result","amount":{"value":${amount},"currency":"${currency}"},"line_item":null,"project_id":null,"api_key_id":${id}}`;
  // all requests of the test are chats
  if (pathname !== '/v1/organization/usage/completions') return undefined;
  return `{"object":"organization.usage.completions.result","input_tokens":5,"output_tokens":2,"num_model_requests":${requests},"api_key_id":${id}}`;
}

function answer(response: ServerResponse, status: number, json: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(json);
}
