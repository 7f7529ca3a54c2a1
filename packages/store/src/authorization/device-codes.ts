import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** The name of oidc-provider's model. */
const model = 'DeviceCode';
/** RFC 8628 section 3.5: each poll that comes too early adds this to the interval. */
const slowDownSeconds = 5;
/** From this interval on, a poll that comes too early changes nothing, so a terminal in a loop causes no writes. */
const maxIntervalSeconds = 60;
/** A poll may arrive a little early although the terminal has waited for exactly the interval. */
const leewaySeconds = 1;

/** One device code (RFC 8628), with what the owner decided. */
export interface DeviceCode {
  readonly idHash: string;
  /** What oidc-provider stores: the request, and later the decision. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** Undefined until the owner has allowed the request. */
  readonly grantId: string | undefined;
}

export interface NewDeviceCode {
  readonly idHash: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly userCodeHash: string;
  readonly intervalSeconds: number;
  readonly expiresInSeconds: number;
  /** How long the payload is kept after the code's expiry, so that a terminal gets the error `expired_token`. */
  readonly keptSeconds: number;
}

/** @returns false when another live device code has the same user code */
export async function insertDeviceCode(db: Database, code: NewDeviceCode): Promise<boolean> {
  const { idHash, payload, userCodeHash, intervalSeconds, expiresInSeconds, keptSeconds } = code;
  const { rows } = await sql`
    with inserted as (
      insert into device_codes as d (id_hash, user_code_hash, interval_seconds, expires_at)
      values (${idHash}, ${userCodeHash}, ${intervalSeconds}, now() + make_interval(secs => ${expiresInSeconds}))
      on conflict on constraint device_codes_user_code do update set
        id_hash = excluded.id_hash, interval_seconds = excluded.interval_seconds, expires_at = excluded.expires_at,
        polled_at = null, polled_too_early = false
      where d.expires_at < now()
      returning id_hash, expires_at
    )
    insert into artifacts (model, id_hash, payload, expires_at)
    select ${model}, id_hash, ${JSON.stringify(payload)}::jsonb, expires_at + make_interval(secs => ${keptSeconds})
    from inserted returning id_hash`.execute(db);
  return rows.length === 1;
}

/**
 * Finds a live device code by its user code.
 * @param userCodeHashes one for each secret with which the stored hash may have been made
 */
export async function findDeviceCode(db: Database, userCodeHashes: readonly string[]): Promise<DeviceCode | undefined> {
  const row = await db
    .selectFrom('device_codes')
    .innerJoin('artifacts', (join) =>
      join.onRef('artifacts.id_hash', '=', 'device_codes.id_hash').on('artifacts.model', '=', model),
    )
    .select(['artifacts.id_hash', 'artifacts.payload', 'artifacts.grant_id'])
    .where('user_code_hash', 'in', userCodeHashes)
    .where('device_codes.expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
  return row && { idHash: row.id_hash, payload: row.payload, grantId: row.grant_id ?? undefined };
}

export interface DeviceDecision {
  readonly idHash: string;
  /** The members that are added to the payload. */
  readonly decision: Readonly<Record<string, unknown>>;
  /** Undefined when the owner denied the request. */
  readonly grantId: string | undefined;
}

/**
 * Adds the owner's decision to a live device code.
 * @returns false when it has a decision already, or has expired. Only one of several concurrent callers gets true
 */
export async function decideDeviceCode(db: Database, { idHash, decision, grantId }: DeviceDecision): Promise<boolean> {
  const { rows } = await sql`
    update artifacts a set payload = a.payload || ${JSON.stringify(decision)}::jsonb, grant_id = ${grantId ?? null}
    from device_codes d
    where a.model = ${model} and a.id_hash = ${idHash} and ${isUndecided}
      and d.id_hash = a.id_hash and d.expires_at > now()
    returning a.id_hash`.execute(db);
  return rows.length === 1;
}

/**
 * Records a poll for a device code that has no decision yet. One statement does it, so polls that reach different
 * replicas at the same time are judged one after the other.
 * @returns `too_early` when the terminal has not waited for the whole interval; undefined when there is nothing to wait
 * for: the code has a decision, has expired, or is not this client's
 */
export async function pollDeviceCode(
  db: Database,
  { idHash, clientId }: { readonly idHash: string; readonly clientId: string },
): Promise<'pending' | 'too_early' | undefined> {
  // An instant that is much later than now was written while the clock was ahead.
  const isEarly = sql`coalesce(d.polled_at between now() - make_interval(secs => d.interval_seconds - ${leewaySeconds})
    and now() + interval '10 seconds', false)`;
  const { rows } = await sql<{ polled_too_early: boolean }>`
    with pending as (
      select d.id_hash from device_codes d
      join artifacts a on a.model = ${model} and a.id_hash = d.id_hash
      where d.id_hash = ${idHash} and d.expires_at > now() and a.payload ->> 'clientId' = ${clientId} and ${isUndecided}
    ), polled as (
      update device_codes d set
        polled_too_early = ${isEarly},
        interval_seconds = d.interval_seconds + case when ${isEarly} then ${slowDownSeconds}::integer else 0 end,
        polled_at = now()
      from pending
      where d.id_hash = pending.id_hash and not (d.interval_seconds >= ${maxIntervalSeconds} and ${isEarly})
      returning d.polled_too_early
    )
    select coalesce((select polled_too_early from polled), true) as polled_too_early from pending`.execute(db);
  const [row] = rows;
  if (row === undefined) return undefined;
  return row.polled_too_early ? 'too_early' : 'pending';
}

/** SQL: whether the owner has not decided yet, for the row `a` of a device code. */
const isUndecided = sql`not (a.payload ? 'accountId' or a.payload ? 'error')`;
