import type { Context } from '../context.js';
import { queryText } from './sign-in.js';

/** How many entries of a list one page shows. */
export const entriesPerPage = 25;

/** One page of a list. */
export interface ListPage<Entry> {
  readonly entries: readonly Entry[];
  /** The query's parameter with the number of the page. */
  readonly parameter: string;
  /** The number of entries of the whole list. */
  readonly total: number;
  /** The number of this page. The first page is 1. */
  readonly page: number;
  readonly pages: number;
}

/**
 * Takes the page that the query asks for. A number beyond the end selects the last page, because the list may have
 * become shorter. Any text that is not a number selects the first page.
 *
 * @param all the whole list, the newest entry first
 */
export function takePage<Entry>(ctx: Context, all: readonly Entry[], parameter = 'page'): ListPage<Entry> {
  const asked = queryText(ctx, parameter);
  return cutList(all, { parameter, page: /^[1-9]\d{0,5}$/.test(asked) ? Number(asked) : 1 });
}

/** The first page of a list. Its other pages have another URL, whose handler calls `takePage`. */
export function firstPage<Entry>(all: readonly Entry[]): ListPage<Entry> {
  return cutList(all, { parameter: 'page', page: 1 });
}

function cutList<Entry>(
  all: readonly Entry[],
  { parameter, page: asked }: Pick<ListPage<Entry>, 'parameter' | 'page'>,
): ListPage<Entry> {
  const pages = Math.max(1, Math.ceil(all.length / entriesPerPage));
  const page = Math.min(pages, asked);
  const first = (page - 1) * entriesPerPage;
  return { entries: all.slice(first, first + entriesPerPage), parameter, total: all.length, page, pages };
}
