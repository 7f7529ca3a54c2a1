import { formatOperatorLink } from '@aipassport/authorization-server/operating';
import { insertOperatorLink } from '@aipassport/store/authorization';
import { withDatabaseUrl } from '../database/with-database.js';

const lifetimeSeconds = 86_400;

/**
 * Makes the link with which one account becomes the first operator. The link stops working as soon as there is an
 * operator.
 * @returns SECRET; undefined when there is an operator already
 */
export async function createFirstOperatorLink(databaseUrl: string, issuer: string): Promise<string | undefined> {
  const link = { isForFirst: true, expiresInSeconds: lifetimeSeconds };
  const code = await withDatabaseUrl(databaseUrl, (db) => insertOperatorLink(db, link));
  return code === undefined ? undefined : formatOperatorLink(issuer, code);
}
