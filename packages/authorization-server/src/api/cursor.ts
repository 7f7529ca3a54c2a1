import { queryText } from '../account/sign-in.js';
import type { Context } from '../context.js';

/** A page of a list, and the cursor of the next page. */
export interface ListPage<Row> {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

/** How many entries one page of a list has. */
export const pageSize = 100;

/**
 * The position after which a page begins; empty for the first page. A text that is no cursor causes no error: its bytes
 * are taken for a position.
 */
export function readCursor(ctx: Context): string {
  return Buffer.from(queryText(ctx, 'cursor'), 'base64url').toString();
}

/** A cursor is encoded, so that programs do not build cursors themselves, and later releases may change them. */
export function formatCursor(position: string | undefined): string | null {
  return position === undefined ? null : Buffer.from(position).toString('base64url');
}

/** @param found the rows of a page, and one more if there are more pages */
export function cutPage<Row>(found: readonly Row[], positionOf: (row: Row) => string): ListPage<Row> {
  const rows = found.slice(0, pageSize);
  const last = found.length > pageSize ? rows.at(-1) : undefined;
  return { rows, next: formatCursor(last && positionOf(last)) };
}
