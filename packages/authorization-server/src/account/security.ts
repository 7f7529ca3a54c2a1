import {
  findAuthenticatorApp,
  listAccountTokens,
  listPasskeys,
  summarizeRecoveryCodes,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { renderSecurityPage } from '../pages/security-page.js';
import { findRelyingParty } from './passkey-ceremonies.js';
import { describeSignedIn, requireOwner } from './require-owner.js';

/** `GET /account/security`: the owner's ways to sign in and API tokens, each with a link to its page. */
export async function showSecurity(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(deps, ctx, paths.security);
  if (owner === undefined) return;
  ctx.type = 'html';
  ctx.body = renderSecurityPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'settings'),
    passkeys:
      findRelyingParty(deps.configuration) === undefined
        ? undefined
        : (await listPasskeys(deps.db, owner.accountId)).length,
    hasAuthenticator: (await findAuthenticatorApp(deps.db, owner.accountId))?.confirmedAt !== undefined,
    offersIdentities: deps.identityClients.providers.length > 0,
    apiTokens: (await listAccountTokens(deps.db, owner.accountId)).filter(({ isExpired }) => !isExpired).length,
    recoveryCodes: (await summarizeRecoveryCodes(deps.db, owner.accountId)).left,
  });
}
