import type { OwnerSession } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { issueFormToken } from '../middleware/form-token.js';
import type { ConfirmWays } from '../pages/confirm-ways.js';
import type { SignedIn } from '../pages/layout.js';
import { allowScript } from '../pages/page-script.js';
import { findOwner } from './owner-session.js';
import { findPage, homePath, signInPath } from './return-to.js';
import { seeOther } from './sign-in.js';

/**
 * How long a sign-in counts as recent. Acts that a stranger at an unattended browser must not do require a recent
 * sign-in: see `confirmSignIn`.
 */
const recentMilliseconds = 5 * 60 * 1_000;

/** The owner who is signed in. @returns undefined when the browser has been sent to sign in */
export async function requireOwner(
  deps: Dependencies,
  ctx: Context,
  returnTo: string = homePath,
): Promise<OwnerSession | undefined> {
  const owner = await findOwner(deps, ctx);
  if (owner === undefined) seeOther(ctx, signInPath(returnTo));
  return owner;
}

/**
 * Whether the owner signed in recently. A stranger at a browser that was left open must not be able to replace a
 * provider key or raise a limit. A sign-in time that is five minutes or more in the future was written while the clock
 * was ahead, so it does not count as recent.
 */
export function isRecentlyAuthenticated({ now }: Pick<Dependencies, 'now'>, owner: OwnerSession): boolean {
  return Math.abs(now().getTime() - owner.authenticatedAt.getTime()) < recentMilliseconds;
}

export const signOutPurpose = 'sign-out';

/** The data for the head of an account page. */
export function describeSignedIn(
  deps: Dependencies,
  ctx: Context,
  owner: OwnerSession,
  current: SignedIn['current'],
): SignedIn {
  return {
    confirmWays: listConfirmWays(deps, ctx, owner),
    email: owner.email,
    page: findPage(ctx.path),
    current,
    showsOperator: owner.isOperator,
    showsInvitations: owner.mayInvite && !owner.isOperator && deps.configuration.accountCreation === 'invite',
    signOutToken: issueFormToken(deps, ctx, signOutPurpose),
  };
}

/**
 * Lists the ways in which the owner can prove their identity on a page. If the owner has a passkey, also lets the page
 * run the script that uses passkeys.
 */
export function listConfirmWays(
  deps: Dependencies,
  ctx: Context,
  { hasPasskey, hasPassword }: OwnerSession,
): ConfirmWays {
  if (!hasPasskey) return { hasPassword, passkeyScript: undefined };
  return { hasPassword, passkeyScript: allowScript(ctx, deps.scripts.passkeys) };
}
