import type { OwnerSession } from '@aipassport/store/authorization';
import { findOwner } from '../account/owner-session.js';
import { isRecentlyAuthenticated } from '../account/require-owner.js';
import { signInPath } from '../account/return-to.js';
import { seeOther } from '../account/sign-in.js';
import type { Context } from '../context.js';
import { cookieNames } from '../cookie-names.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { deriveSessionIdentifiers } from '../oidc/engine/session-identifiers.js';
import {
  findPending,
  finishLogin,
  interactionOver,
  type PendingInteraction,
  refuseChange,
} from '../oidc/interactions.js';
import { answerEndedInteraction } from './answer-ended-interaction.js';
import { answerRepeat, findEarlierAnswer } from './answer-repeat.js';
import { findChanged } from './find-changed.js';
import { showConsent } from './show-consent.js';

/**
 * `GET /interaction/:uid`: the step for which an authorization request waits.
 *
 * 1. `login`: an owner who is signed in here continues. oidc-provider then usually needs the next prompt.
 * 2. `consent`: shows the page on which the owner decides.
 *
 * In both steps, if no owner is signed in or the request needs a new sign-in, the browser is first sent to sign in, and
 * then comes back.
 */
export async function showInteraction(deps: Dependencies, ctx: Context, uid: string): Promise<void> {
  const owner = await findOwner(deps, ctx);
  const interaction = await findPending(deps, ctx, uid);
  const earlier = owner && (await findEarlierAnswer(deps, ctx, uid, owner));
  if (earlier !== undefined) return answerRepeat(deps, ctx, earlier, 'look');
  if (interaction === undefined) {
    if (owner === undefined) throw interactionOver();
    return answerEndedInteraction(deps, ctx, { uid, owner, reason: 'interaction_over' });
  }
  if (owner === undefined || (interaction.needsFreshSignIn && !isFresh(deps, ctx, { interaction, owner })))
    return seeOther(ctx, signInPath(formatPath(paths.interaction, uid), owner && 'again'));
  if (interaction.prompt === 'login') return seeOther(ctx, await finishLogin(deps.provider, ctx, owner));
  if (interaction.accountId !== owner.accountId)
    return answerEndedInteraction(deps, ctx, { uid, owner, reason: 'account_changed' });
  const changed = await findChanged(deps, interaction, owner);
  if (changed === 'ended') return seeOther(ctx, await refuseChange(deps.provider, ctx, uid));
  const consent = changed === undefined ? interaction : { ...interaction, changed };
  await showConsent(deps, ctx, { consent, owner });
}

/**
 * Whether the owner proved their identity after the request began. Each sign-in begins a new session. So the present
 * session must not be the session in which the request began. The sign-in must be recent too, because an identity
 * provider may sign the owner in without asking for anything.
 */
function isFresh(
  deps: Dependencies,
  ctx: Context,
  { interaction, owner }: { readonly interaction: PendingInteraction; readonly owner: OwnerSession },
): boolean {
  const sessionId = ctx.cookies.get(cookieNames(deps.configuration).owner);
  const isOther = sessionId !== undefined && deriveSessionIdentifiers(sessionId).uid !== interaction.ownerSession;
  return isOther && isRecentlyAuthenticated(deps, owner);
}
