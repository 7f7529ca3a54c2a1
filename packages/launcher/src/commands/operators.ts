import { formatOperatorLink } from '@aipassport/authorization-server/operating';
import {
  findAccountByEmail,
  insertAuditEvent,
  insertOperatorLink,
  listOperators as listStoredOperators,
  setOperator,
} from '@aipassport/store/authorization';
import { withDatabase } from '../database/with-database.js';
import type { CommandContext } from './context.js';
import { readIssuer } from './read-issuer.js';

const lifetimeSeconds = 86_400;

export const noOperatorHint =
  'No account is an operator yet. `aipassport operators invite` prints a link that makes one an operator.';

/** `operators list` */
export async function listOperators({ environment, print }: CommandContext): Promise<void> {
  const emails = await withDatabase(environment, listStoredOperators);
  for (const email of emails) print(email);
  if (emails.length === 0) print(noOperatorHint);
}

/**
 * `operators invite`: makes a link with which one account becomes an operator. The link is shown once; only a hash of
 * its code is stored.
 */
export async function createOperatorLink(context: CommandContext): Promise<void> {
  const issuer = readIssuer(context);
  const link = { isForFirst: false, expiresInSeconds: lifetimeSeconds };
  const code = await withDatabase(context.environment, (db) =>
    db.transaction().execute(async (transaction) => {
      await insertAuditEvent(transaction, { event: 'operator_link_created', detail: { by: 'command' } });
      return insertOperatorLink(transaction, link);
    }),
  );
  if (code === undefined) throw new Error('The link was not stored.');
  context.print(formatOperatorLink(issuer, code));
  context.print(
    'The link makes one account an operator, within a day. It is shown only now; only a hash of its code is stored.',
  );
}

/** `operators grant` and `operators revoke` */
export async function changeOperator(
  { environment, print }: CommandContext,
  email: string,
  isOperator: boolean,
): Promise<void> {
  await withDatabase(environment, async (db) => {
    const account = await findAccountByEmail(db, email);
    if (account === undefined) throw new Error(`There is no account for ${email}.`);
    await setOperator(db, account.id, isOperator);
  });
  print(isOperator ? `${email} is an operator now.` : `${email} is no longer an operator.`);
}
