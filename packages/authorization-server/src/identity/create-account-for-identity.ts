import { insertIdentity } from '@aipassport/store/authorization';
import { type CreationState, findCreationState } from '../account/account-creation-state.js';
import { rememberDevice } from '../account/device-cookie.js';
import { requireAccountCreation } from '../account/guessing-limits.js';
import { InvitationOver, openAccount } from '../account/open-account.js';
import { createAccountPath } from '../account/return-to.js';
import { forgetSecret } from '../account/secret-cookies.js';
import { seeOther } from '../account/sign-in.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import type { ProvenIdentity } from './read-identity.js';

interface NewOwner {
  readonly identity: ProvenIdentity;
  readonly returnTo: string;
  readonly timeZone: string | undefined;
}

/** `answered`: the browser was sent to the page that says who may create an account. */
type Creation = 'signed_in' | 'answered' | 'unverified' | 'email_taken';

/** Creates an account without a password for an identity that is not known yet, and signs the browser in. */
export async function createAccountForIdentity(
  deps: Dependencies,
  ctx: Context,
  { identity, returnTo, timeZone }: NewOwner,
): Promise<Creation> {
  const email = identity.verifiedEmail;
  if (email === undefined) return 'unverified';
  const refuse = () => {
    seeOther(ctx, createAccountPath(returnTo));
    return 'answered' as const;
  };
  const state = await findCreationState(deps, ctx);
  if (state.kind !== 'open' && state.kind !== 'invited') return refuse();
  await requireAccountCreation(deps.db, ctx.ip);
  const outcome = await insertInTransaction(deps, ctx, { identity, email, timeZone, state });
  if (outcome === 'invitation_over') return refuse();
  if (outcome === 'signed_in') {
    forgetSecret(deps, ctx, 'invitation');
    rememberDevice(deps, ctx, email);
  }
  return outcome;
}

interface Insertion {
  readonly identity: ProvenIdentity;
  readonly email: string;
  readonly timeZone: string | undefined;
  readonly state: Extract<CreationState, { kind: 'open' | 'invited' }>;
}

/** Inserts the account, its identity and its session and uses the invitation, all in one transaction. */
async function insertInTransaction(
  deps: Dependencies,
  ctx: Context,
  { identity: { issuer, subject }, email, timeZone, state }: Insertion,
): Promise<'signed_in' | 'email_taken' | 'invitation_over'> {
  try {
    return await deps.db.transaction().execute(async (db) => {
      const account = await openAccount({ ...deps, db }, ctx, { email, passwordHash: '', timeZone, state });
      if (account === undefined) return 'email_taken';
      if (!(await insertIdentity(db, { issuer, subject, accountId: account.id, email }))) throw new IdentityTaken();
      return 'signed_in';
    });
  } catch (error) {
    if (error instanceof IdentityTaken) return 'email_taken';
    if (error instanceof InvitationOver) return 'invitation_over';
    throw error;
  }
}

/** Thrown to roll back the transaction: another request has connected the identity to an account. */
class IdentityTaken extends Error {
  override readonly name = 'IdentityTaken';
}
