import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { requireFormToken } from '../middleware/form-token.js';
import { endProviderSession } from '../oidc/engine/provider-session.js';
import { readForm } from '../read-form.js';
import { endSession } from './end-session.js';
import { signOutPurpose } from './require-owner.js';
import { seeOther } from './sign-in.js';

/**
 * `POST /account/sign-out`: ends the owner's session and oidc-provider's session in the database, so that copies of
 * their cookies are useless.
 */
export async function submitSignOut(deps: Dependencies, ctx: Context): Promise<void> {
  requireFormToken(deps, ctx, readForm(ctx), signOutPurpose);
  await endProviderSession(deps.provider, ctx);
  await endSession(deps, ctx);
  seeOther(ctx, paths.signIn);
}
