import type { OwnerSession } from '@aipassport/store/authorization';
import { findOwner } from '../account/owner-session.js';
import { signInPath } from '../account/return-to.js';
import { seeOther } from '../account/sign-in.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { finishLogin, getInteraction, type PendingInteraction } from '../oidc/interactions.js';
import { showConsent } from './show-consent.js';

/** The request is dated by this server and the sign-in by the database: so far may their clocks be apart. */
const clockToleranceMilliseconds = 5_000;

/**
 * `GET /interaction/:uid`: what an authorization request waits for.
 *
 * 1. `login`: whoever is signed in here is who it is about; if nobody is, the browser is sent to sign in and comes
 *    back. oidc-provider then goes on, and usually stops again for
 * 2. `consent`: the page on which the owner decides.
 */
export async function showInteraction(deps: Dependencies, ctx: Context, uid: string): Promise<void> {
  const interaction = await getInteraction(deps, ctx, uid);
  const owner = await findOwner(deps, ctx);
  if (owner === undefined || (interaction.needsFreshSignIn && !isFresh(owner, interaction)))
    return seeOther(ctx, signInPath(`/interaction/${uid}`, { again: owner !== undefined }));
  if (interaction.prompt === 'login') return seeOther(ctx, await finishLogin(deps.provider, ctx, owner));
  await showConsent(deps, ctx, interaction, owner);
}

/** Whether the owner gave their password after the request came. */
function isFresh({ authenticatedAt }: OwnerSession, { startedAt }: PendingInteraction): boolean {
  return authenticatedAt.getTime() >= startedAt.getTime() - clockToleranceMilliseconds;
}
