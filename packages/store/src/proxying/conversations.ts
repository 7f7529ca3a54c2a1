import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import type { StoredObject } from './stored-objects.js';

/** A request that adds to a conversation. */
export interface Turn extends Pick<StoredObject, 'grantId' | 'upstream'> {
  readonly conversationId: string;
  /** The id of the request, which has a reservation. */
  readonly requestId: string;
}

/** The maximum that is added to a conversation. */
export interface Added {
  readonly addedTokens: number;
  readonly addedPictures: number;
}

/** The most that a turn can add to a conversation, and the state that the conversation must have for this turn. */
export interface Opening extends Added {
  /** The tokens that the conversation counted when the request was estimated. */
  readonly knownTokens: number;
  /** The days after this turn for which the conversation is remembered at least. */
  readonly keptDays: number;
}

/**
 * Opens a turn. A conversation has one turn at a time, as at the AI provider. Until the turn is closed, the
 * conversation counts the maximum that the turn can add. A settled request no longer has a turn, even if its process
 * died.
 *
 * @returns the tokens that the conversation counted before this turn; undefined while another request has the turn,
 * when more was added since the estimate, or when the conversation is unknown
 */
export async function openTurn(
  db: Database,
  { grantId, upstream, conversationId, requestId }: Turn,
  { addedTokens, addedPictures, knownTokens, keptDays }: Opening,
): Promise<number | undefined> {
  const { rows } = await sql<{ tokens: bigint }>`
    update stored_objects o
    set open_request = ${requestId}::uuid, tokens = o.tokens + ${addedTokens}, pictures = o.pictures + ${addedPictures},
      expires_at = greatest(o.expires_at, now() + make_interval(days => ${keptDays}::integer))
    where o.grant_id = ${grantId} and o.upstream = ${upstream} and o.id = ${conversationId} and o.kind = 'conversation'
      and o.tokens <= ${knownTokens}
      and not exists (
        select from reservations r
        where r.grant_id = o.grant_id and r.request_id = o.open_request and r.request_id <> ${requestId}::uuid
      )
    returning o.tokens - ${addedTokens} as tokens`.execute(db);
  const tokens = rows[0]?.tokens;
  return tokens === undefined ? undefined : Number(tokens);
}

/**
 * Closes a turn.
 * @param tokens the tokens that the conversation counts now; undefined: it continues to count the turn's maximum
 */
export async function closeTurn(
  db: Database,
  { grantId, upstream, conversationId, requestId }: Turn,
  tokens: number | undefined,
): Promise<void> {
  await sql`
    update stored_objects set open_request = null, tokens = coalesce(${tokens ?? null}::bigint, tokens)
    where grant_id = ${grantId} and upstream = ${upstream} and id = ${conversationId}
      and open_request = ${requestId}::uuid`.execute(db);
}

/**
 * Counts items that a client adds to a conversation.
 * @returns false when the conversation is unknown, and while a request has the turn. In both cases nothing is counted.
 * During a turn nothing is counted because the end of the turn would overwrite the conversation's count
 */
export async function addToConversation(
  db: Database,
  { grantId, upstream, conversationId }: Omit<Turn, 'requestId'>,
  { addedTokens, addedPictures }: Added,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update stored_objects o set tokens = o.tokens + ${addedTokens}, pictures = o.pictures + ${addedPictures}, open_request = null
    where o.grant_id = ${grantId} and o.upstream = ${upstream} and o.id = ${conversationId}
      and not exists (select from reservations r where r.grant_id = o.grant_id and r.request_id = o.open_request)`.execute(
    db,
  );
  return numAffectedRows === 1n;
}
