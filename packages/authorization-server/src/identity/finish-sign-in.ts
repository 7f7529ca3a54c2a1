import {
  type Account,
  findAccountByIdentity,
  insertIdentity,
  lockEnabledAccount,
} from '@aipassport/store/authorization';
import { rememberDevice } from '../account/device-cookie.js';
import { requireFewRefusals } from '../account/guessing-limits.js';
import { findOwner } from '../account/owner-session.js';
import { recordRefusedSignIn } from '../account/record-refused-sign-in.js';
import { recordSignIn } from '../account/record-sign-in.js';
import { redirectWithNotice } from '../account/redirect-with-notice.js';
import { signInPath } from '../account/return-to.js';
import { seeOther } from '../account/sign-in.js';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { createAccountForIdentity } from './create-account-for-identity.js';
import { type KeptRequest, takeRequest } from './kept-request.js';
import { type ProvenIdentity, readIdentity } from './read-identity.js';

/** What the next page says about a failed sign-in at an identity provider. */
export type IdentityOutcome = 'cancelled' | 'disabled' | 'unverified' | 'email_taken' | 'taken' | 'time_unknown';

/** The assumed age of a sign-in whose ID token has no `auth_time`: too old for acts that require a recent sign-in. */
const unknownAgeSeconds = 24 * 3_600;

/**
 * `GET /account/identities/:provider/callback`: the browser comes back from the identity provider. An identity signs in
 * to the account that its owner connected it to. An unknown identity gets a new account. Equal e-mail addresses never
 * connect an identity to an account. Only the owner of the account can connect it.
 */
export async function finishIdentitySignIn(deps: Dependencies, ctx: Context, name: string): Promise<void> {
  const provider = deps.identityClients.getProvider(name);
  const kept = takeRequest(deps, ctx);
  if (kept?.provider !== name) throw new Denied({ reason: 'identity_answer_invalid' });
  const identity = await readIdentity(deps, ctx, { provider, kept });
  if (identity === undefined) return goBack(deps, ctx, kept, 'cancelled');
  if (kept.purpose === 'connect') return connect(deps, ctx, kept, identity);
  if (kept.purpose === 'again' && identity.authenticatedAtSeconds === undefined) {
    deps.log.warn({ event: 'identity_time_unknown', provider: name });
    return goBack(deps, ctx, kept, 'time_unknown');
  }
  const account = await findAccountByIdentity(deps.db, identity);
  const outcome =
    account === undefined
      ? await createAccountForIdentity(deps, ctx, { identity, returnTo: kept.returnTo, timeZone: kept.timeZone })
      : await signInTo(deps, ctx, account, { ...identity, timeZone: kept.timeZone });
  switch (outcome) {
    case 'signed_in':
      return seeOther(ctx, kept.returnTo);
    case 'answered':
      return;
    default:
      return goBack(deps, ctx, kept, outcome);
  }
}

async function signInTo(
  deps: Dependencies,
  ctx: Context,
  { id: accountId, email }: Account,
  { issuer, subject, authenticatedAtSeconds, timeZone }: ProvenIdentity & Pick<KeptRequest, 'timeZone'>,
): Promise<'signed_in' | 'disabled'> {
  const nowSeconds = deps.now().getTime() / 1_000;
  const age = authenticatedAtSeconds === undefined ? unknownAgeSeconds : nowSeconds - authenticatedAtSeconds;
  const by = 'identity_provider' as const;
  const signIn = { accountId, email, by, authenticatedSecondsAgo: Math.max(0, age), timeZone };
  const isSignedIn = await deps.db.transaction().execute(async (db) => {
    if (!(await lockEnabledAccount(db, accountId))) return false;
    // The owner may have removed the identity while this transaction waited for the lock.
    if ((await findAccountByIdentity(db, { issuer, subject }))?.id !== accountId)
      throw new Denied({ reason: 'identity_answer_invalid' });
    await recordSignIn({ ...deps, db }, ctx, signIn);
    return true;
  });
  if (!isSignedIn) {
    await requireFewRefusals(deps.db, { accountId, ipAddress: ctx.ip });
    await recordRefusedSignIn(deps, { by: 'identity_provider', accountId });
    return 'disabled';
  }
  rememberDevice(deps, ctx, email);
  return 'signed_in';
}

/** Adds the identity to the account that is signed in. The kept request is bound to this session. */
async function connect(deps: Dependencies, ctx: Context, kept: KeptRequest, identity: ProvenIdentity): Promise<void> {
  const owner = await findOwner(deps, ctx);
  if (owner === undefined) return seeOther(ctx, signInPath(paths.identities));
  const { accountId } = owner;
  const { issuer, subject, verifiedEmail: email } = identity;
  const isAdded = await deps.db
    .transaction()
    .execute((transaction) => insertIdentity(transaction, { issuer, subject, accountId, email }));
  if (!isAdded && (await findAccountByIdentity(deps.db, identity))?.id !== accountId)
    return goBack(deps, ctx, kept, 'taken');
  redirectWithNotice(deps, ctx, { path: paths.identities, done: 'connected' });
}

function goBack(deps: Dependencies, ctx: Context, { purpose, returnTo }: KeptRequest, outcome: IdentityOutcome): void {
  if (purpose === 'connect') return redirectWithNotice(deps, ctx, { path: paths.identities, done: outcome });
  redirectWithNotice(deps, ctx, {
    path: signInPath(returnTo, purpose === 'sign_in' ? undefined : purpose),
    done: outcome,
  });
}
