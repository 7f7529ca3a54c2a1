import { sql } from 'kysely';
import { formatArray } from '../database/format-array.js';
import type { Database } from '../database/open-database.js';

export type StoredKind = 'response' | 'output_item' | 'input_item' | 'conversation' | 'file';

/** Something that an AI provider stores for a grant. */
export interface StoredObject {
  readonly grantId: string;
  readonly upstream: string;
  /** The identifier that the AI provider gave the object. */
  readonly id: string;
  readonly kind: StoredKind;
  /** For an item: the response or the conversation that contains the item. */
  readonly parentId?: string | undefined;
  /** The maximum number of tokens that the object adds to the input of a later turn. */
  readonly tokens: number;
  /** The maximum number of pictures that the object adds to that input. */
  readonly pictures?: number | undefined;
  /**
   * For a response whose usage is known: its output tokens. Then `tokens` replaces the recorded count, unless the
   * recorded count is unknown.
   */
  readonly outputTokens?: number | undefined;
  /** The days after which the record is deleted. */
  readonly keptDays: number;
}

/** An object that a grant may refer to. */
export interface FoundObject {
  readonly id: string;
  readonly kind: StoredKind;
  readonly parentId: string | undefined;
  /** The maximum number of tokens that the object adds to an input. For an item: all items of its parent together. */
  readonly tokens: number;
  /**
   * The maximum number of pictures that the object adds to an input. For an input item: all items of its parent
   * together. For an output item: 0.
   */
  readonly pictures: number;
}

export interface ObjectQuestion {
  readonly grantId: string;
  readonly upstream: string;
  readonly ids: readonly string[];
}

/**
 * The number that the proxy records when a count is unknown. It is more than any model reads. It is not replaced when
 * the usage of an answer becomes known, because that usage does not reveal the count.
 */
const unknownTokens = 10_000_000;

/**
 * Records objects in one statement. Recorded objects stay as they are, except a response whose usage has become known.
 */
export async function recordStoredObjects(db: Database, objects: readonly StoredObject[]): Promise<void> {
  const rows = sortByKey(objects);
  if (rows.length === 0) return;
  await sql`
    insert into stored_objects as s (grant_id, upstream, id, kind, parent_id, tokens, output_tokens, pictures, expires_at)
    select o.grant_id, o.upstream, o.id, o.kind, o.parent_id, o.tokens, o.output_tokens, o.pictures,
      now() + make_interval(days => o.kept_days)
    from unnest(
      ${formatArray(rows.map(({ grantId }) => grantId))}::text[], ${formatArray(rows.map(({ upstream }) => upstream))}::text[],
      ${formatArray(rows.map(({ id }) => id))}::text[], ${formatArray(rows.map(({ kind }) => kind))}::text[],
      ${formatArray(rows.map(({ parentId }) => parentId))}::text[], ${formatArray(rows.map(({ tokens }) => toColumn(tokens)))}::bigint[],
      ${formatArray(rows.map(({ outputTokens }) => outputTokens && toColumn(outputTokens)))}::bigint[],
      ${formatArray(rows.map(({ pictures }) => pictures ?? 0))}::integer[], ${formatArray(rows.map(({ keptDays }) => keptDays))}::integer[]
    ) as o (grant_id, upstream, id, kind, parent_id, tokens, output_tokens, pictures, kept_days)
    on conflict on constraint stored_objects_pkey do update
    set tokens = case when s.tokens < ${unknownTokens} then excluded.tokens else s.tokens end, output_tokens = excluded.output_tokens
    where excluded.output_tokens is not null and s.kind = 'response'`.execute(db);
}

interface FoundRow {
  readonly id: string;
  readonly kind: StoredKind;
  readonly parent_id: string | null;
  readonly tokens: bigint;
  readonly pictures: number;
}

/** Finds the objects with these identifiers that are recorded for the grant. Objects of other grants are left out. */
export async function findStoredObjects(
  db: Database,
  { grantId, upstream, ids }: ObjectQuestion,
): Promise<readonly FoundObject[]> {
  const { rows } = await sql<FoundRow>`
    select o.id, o.kind, o.parent_id,
      case o.kind when 'output_item' then coalesce(p.output_tokens, p.tokens, o.tokens)
        when 'input_item' then coalesce(p.tokens, o.tokens) else o.tokens end as tokens,
      case o.kind when 'output_item' then 0 when 'input_item' then coalesce(p.pictures, o.pictures) else o.pictures end as pictures
    from stored_objects o
    left join stored_objects p on p.grant_id = o.grant_id and p.upstream = o.upstream and p.id = o.parent_id
    where o.grant_id = ${grantId} and o.upstream = ${upstream} and o.id = any (${formatArray(ids)}::text[])
      and o.expires_at > now()`.execute(db);
  return rows.map(({ id, kind, parent_id: parentId, tokens, pictures }) => ({
    id,
    kind,
    parentId: parentId ?? undefined,
    tokens: Number(tokens),
    pictures,
  }));
}

/** Lists the identifiers of all objects of a kind that are recorded for the grant, in no order. */
export async function listStoredIds(
  db: Database,
  { grantId, upstream, kind }: Pick<StoredObject, 'grantId' | 'upstream' | 'kind'>,
): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from stored_objects where grant_id = ${grantId} and upstream = ${upstream} and kind = ${kind}
      and expires_at > now()`.execute(db);
  return rows.map(({ id }) => id);
}

/** Deletes an object and the items in it. */
export async function deleteStoredObject(
  db: Database,
  { grantId, upstream, id }: Pick<StoredObject, 'grantId' | 'upstream' | 'id'>,
): Promise<void> {
  await sql`
    delete from stored_objects where grant_id = ${grantId} and upstream = ${upstream}
      and (id = ${id} or parent_id = ${id})`.execute(db);
}

/**
 * One row for each object, in the same order everywhere, so that two statements cannot deadlock. If an object has
 * several rows, the first row with a known usage is kept; if none has one, the last row.
 */
function sortByKey(objects: readonly StoredObject[]): readonly StoredObject[] {
  const byKey = new Map<string, StoredObject>();
  for (const object of objects) {
    const key = `${object.grantId} ${object.upstream} ${object.id}`;
    const known = byKey.get(key);
    if (known?.outputTokens === undefined) byKey.set(key, object);
  }
  return [...byKey].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, object]) => object);
}

function toColumn(tokens: number): number {
  return Math.min(Math.max(Math.trunc(tokens), 0), Number.MAX_SAFE_INTEGER);
}
