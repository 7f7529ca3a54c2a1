import type { Database } from '@aipassport/store';
import { type Account, consumeInvitation, insertAccount, recordNewAccount } from '@aipassport/store/authorization';
import type { Configuration } from '../configuration.js';
import type { Context } from '../context.js';
import type { CreationState } from './account-creation-state.js';
import { startOwnerSession } from './owner-session.js';
import { sendConfirmationLink } from './send-confirmation-link.js';

export interface NewAccount {
  /** The account's identifier; undefined: a new one. */
  readonly id?: string;
  readonly email: string;
  /** SECRET: PHC string; empty for an account without a password. */
  readonly passwordHash: string;
  /** undefined: UTC */
  readonly timeZone?: string | undefined;
  /** Whether the owner has made a passkey for the account. */
  readonly isByPasskey?: boolean;
  readonly state: Extract<CreationState, { kind: 'open' | 'invited' }>;
}

type Within = { readonly db: Database; readonly configuration: Configuration };

/**
 * Makes an account, uses its invitation up, sets the monthly limit for new accounts, sends a link that confirms the
 * e-mail address, and starts a session in this browser. Every page that makes an account calls this function.
 * @param within `db` is a transaction
 * @returns undefined when an account with this address exists already
 * @throws InvitationOver, which must roll the transaction back
 */
export async function openAccount(
  within: Within,
  ctx: Context,
  { state, isByPasskey = false, ...account }: NewAccount,
): Promise<Account | undefined> {
  const { db, configuration } = within;
  const inserted = await insertAccount(db, account);
  if (inserted === undefined) return undefined;
  const { id: accountId, email } = inserted;
  if (state.kind === 'invited' && !(await consumeInvitation(db, state.code, accountId))) throw new InvitationOver();
  await recordNewAccount(db, { accountId, maxCostPerMonth: configuration.newAccountMaxCostPerMonth });
  await sendConfirmationLink(within, ctx, { accountId, email });
  await startOwnerSession({ ...within, isByPasskey }, ctx, accountId);
  return inserted;
}

/** The invitation was open when the request arrived, but it ended before the account was made. */
export class InvitationOver extends Error {
  override readonly name = 'InvitationOver';
}
