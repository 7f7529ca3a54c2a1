import { sql } from 'kysely';

/**
 * SQL: whether a grant is active and has not expired, by the database's clock.
 * @param grant the name or the alias of the table `grants` in the statement
 */
export function isLive(grant = 'grants') {
  return sql<boolean>`(${sql.ref(`${grant}.status`)} = 'active' and ${sql.ref(`${grant}.expires_at`)} > now())`;
}

/**
 * SQL: whether an owner made a grant. The id of a grant that a client made from another one has a dot: see the table
 * `delegated_grants`.
 * @param grant the name or the alias of the table `grants` in the statement
 */
export function isMadeByOwner(grant = 'grants') {
  return sql<boolean>`(position('.' in ${sql.ref(`${grant}.id`)}) = 0)`;
}

/**
 * SQL: when the owner chose the end of a grant.
 * @param grant the name or the alias of the table `grants` in the statement
 */
export function endChosenAt(grant = 'grants') {
  return sql<Date>`coalesce((select chosen_at from chosen_ends where grant_id = ${sql.ref(`${grant}.id`)}),
    ${sql.ref(`${grant}.created_at`)})`;
}

/**
 * SQL that stores the present time as the time at which the end of the grant in `changed` was chosen. It stores nothing
 * if the end is unchanged.
 */
export function noteChosenEnd(isNewEnd: boolean) {
  return sql`insert into chosen_ends (grant_id, chosen_at) select id, now() from changed where ${isNewEnd}::boolean
    on conflict (grant_id) do update set chosen_at = excluded.chosen_at`;
}
