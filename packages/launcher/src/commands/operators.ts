import { formatOperatorLink } from '@aipassport/authorization-server/operating';
import {
  insertAuditEvent,
  insertOperatorLink,
  listOperators as listStoredOperators,
  removeReplaceableOperator,
  setOperator,
} from '@aipassport/store/authorization';
import { withDatabase } from '../database/with-database.js';
import type { CommandContext } from './context.js';
import { findAccountId } from './find-account-id.js';
import { readIssuer } from './read-issuer.js';
import { readRecorded } from './read-recorded.js';

const lifetimeSeconds = 86_400;

export const noOperatorHint =
  'No account is an operator yet. `aipassport operators invite` prints a link that makes one an operator.';

/** `operators list` */
export async function listOperators(context: CommandContext): Promise<void> {
  const emails = await readRecorded(context, { what: 'accounts' }, listStoredOperators);
  for (const email of emails) context.print(email);
  if (emails.length === 0) context.print(noOperatorHint);
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

/** `operators grant` */
export async function addOperator({ environment, print }: CommandContext, email: string): Promise<void> {
  await withDatabase(environment, async (db) => setOperator(db, await findAccountId(db, email), true));
  print(`${email} is an operator now.`);
}

export interface RemovalOptions {
  /** Whether the role may be removed even from the only operator who can sign in. */
  readonly leaveNone?: boolean;
}

/**
 * `operators revoke`
 * @throws Error for the only operator who can sign in, without `leaveNone`
 */
export async function removeOperator(
  { environment, print }: CommandContext,
  email: string,
  { leaveNone }: RemovalOptions,
): Promise<void> {
  await withDatabase(environment, async (db) => {
    const accountId = await findAccountId(db, email);
    if (leaveNone === true) await setOperator(db, accountId, false);
    else if ((await removeReplaceableOperator(db, accountId)) === 'only_operator')
      throw new Error(
        `${email} is the only operator who can sign in. Make another account an operator first, with \`aipassport operators grant\`, or add --leave-none.`,
      );
  });
  print(`${email} is no longer an operator.`);
}
