import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import type { PictureType } from '../schema.js';
import type { Client } from './clients.js';

export type { PictureType };

/** A server that stops while it fetches a logo keeps other servers from fetching the logo for this long. */
const claimSeconds = 15;
/** A logo that could not be fetched again, because its host is down, is shown for this long. */
const shownDays = 30;

/** The logo of a client, without its bytes. */
export interface ListedLogo {
  readonly client: Pick<Client, 'id' | 'metadata' | 'registeredBy'>;
  /** The URL from which the logo was fetched last; undefined when it never was. */
  readonly url: string | undefined;
  /** The hash of the bytes; undefined when there is no logo that may be shown. */
  readonly hash: string | undefined;
  /** Whether a server should fetch the logo now, if the client still names the same URL. */
  readonly isDue: boolean;
}

/** Lists the clients with these identifiers and their logos. */
export async function listLogos(db: Database, clientIds: readonly string[]): Promise<readonly ListedLogo[]> {
  const rows = await db
    .selectFrom('clients as c')
    .leftJoin('client_logos as l', 'l.client_id', 'c.id')
    .select(['c.id', 'c.metadata', 'c.registered_by', 'l.url'])
    .select([
      sql<string | null>`case when l.fetched_at > now() - make_interval(days => ${shownDays}) then l.hash end`.as(
        'hash',
      ),
      sql<boolean>`coalesce(l.next_fetch_at <= now(), true)`.as('is_due'),
    ])
    .where(sql<boolean>`c.id = any (${[...clientIds]})`)
    .execute();
  return rows.map((row) => ({
    client: { id: row.id, metadata: row.metadata, registeredBy: row.registered_by },
    url: row.url ?? undefined,
    hash: row.hash ?? undefined,
    isDue: row.is_due,
  }));
}

/** The client whose logo is fetched, and the URL of the logo. */
interface LogoSource {
  readonly clientId: string;
  readonly url: string;
}

/**
 * Claims the fetch of a logo. If several servers try at the same time, only one of them gets true. A stored logo that
 * came from another URL is deleted.
 *
 * @returns false when the logo is not due, when another server fetches it, or when there is no such client
 */
export async function claimLogoFetch(db: Database, { clientId, url }: LogoSource): Promise<boolean> {
  const { rows } = await sql`
    insert into client_logos as l (client_id, url, next_fetch_at)
    select id, ${url}, now() + make_interval(secs => ${claimSeconds}) from clients where id = ${clientId}
    on conflict (client_id) do update set
      url = excluded.url,
      next_fetch_at = excluded.next_fetch_at,
      hash = case when l.url = excluded.url then l.hash end,
      media_type = case when l.url = excluded.url then l.media_type end,
      bytes = case when l.url = excluded.url then l.bytes end,
      fetched_at = case when l.url = excluded.url then l.fetched_at end
    where l.next_fetch_at <= now() or l.url <> excluded.url
    returning client_id`.execute(db);
  return rows.length === 1;
}

/** A picture that was fetched. */
export interface Picture {
  /** SHA-256 of the bytes, in hexadecimal digits. */
  readonly hash: string;
  readonly mediaType: PictureType;
  readonly bytes: Buffer;
}

/**
 * Stores the result of a fetch. Does nothing if a fetch from another URL was claimed meanwhile.
 *
 * @param picture `none`: there is no picture that may be shown. `unchanged`: the host is down, so the stored picture
 * stays.
 * @param waitSeconds the time for which no server fetches the logo again
 */
export async function storeLogo(
  db: Database,
  { clientId, url, picture }: LogoSource & { readonly picture: Picture | 'none' | 'unchanged' },
  waitSeconds: number,
): Promise<void> {
  const nextFetchAt = sql<Date>`now() + make_interval(secs => ${waitSeconds})`;
  await db
    .updateTable('client_logos')
    .set({ next_fetch_at: nextFetchAt, ...(picture === 'unchanged' ? {} : pictureColumns(picture)) })
    .where('client_id', '=', clientId)
    .where('url', '=', url)
    .execute();
}

function pictureColumns(picture: Picture | 'none') {
  if (picture === 'none') return { hash: null, media_type: null, bytes: null, fetched_at: null };
  const { hash, mediaType, bytes } = picture;
  return { hash, media_type: mediaType, bytes, fetched_at: sql<Date>`now()` };
}

/** Finds the picture with this hash. Several clients may have the same picture. */
export async function findPicture(db: Database, hash: string): Promise<Picture | undefined> {
  const row = await db
    .selectFrom('client_logos')
    .select(['media_type', 'bytes'])
    .where('hash', '=', hash)
    .limit(1)
    .executeTakeFirst();
  if (row === undefined || row.media_type === null || row.bytes === null) return undefined;
  return { hash, mediaType: row.media_type, bytes: row.bytes };
}
