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
