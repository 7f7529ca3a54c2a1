import { queryText } from '../account/sign-in.js';
import type { Context } from '../context.js';
import { isText } from '../text/is-text.js';
import { invalid } from './refusals.js';

/** A page of a list, and the cursor of the next page. */
export interface ListPage<Row> {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

/** How many entries one page of a list has. */
export const pageSize = 100;

/**
 * Reads the position after which a page begins.
 * @param parse reads a position of this list; undefined for any other text
 * @returns undefined for the first page
 * @throws Denied 400 for a cursor that no earlier page of the list had
 */
export function readCursor<Position>(
  ctx: Context,
  parse: (text: string) => Position | undefined,
): Position | undefined {
  const cursor = queryText(ctx, 'cursor');
  if (cursor === '') return undefined;
  const text = Buffer.from(cursor, 'base64url').toString();
  const position = isText(text) && formatCursor(text) === cursor ? parse(text) : undefined;
  if (position !== undefined) return position;
  throw invalid('cursor', 'must be the `next` of an earlier page');
}

/** A cursor is encoded, so that programs do not build cursors themselves, and later releases may change them. */
export function formatCursor(position: string | undefined): string | null {
  return position === undefined ? null : Buffer.from(position).toString('base64url');
}

/** @param found the rows of a page, and one more if there are more pages */
export function buildListPage<Row>(found: readonly Row[], positionOf: (row: Row) => string): ListPage<Row> {
  const rows = found.slice(0, pageSize);
  const last = found.length > pageSize ? rows.at(-1) : undefined;
  return { rows, next: formatCursor(last && positionOf(last)) };
}
