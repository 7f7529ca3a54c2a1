import Router from '@koa/router';
import { showCreateAccount, submitCreateAccount } from './account/create-account.js';
import { showGrant } from './account/grant.js';
import { showGrantLimits, submitGrantLimits } from './account/grant-limits.js';
import { showGrants, submitRevokeGrant } from './account/grants.js';
import { showInvitations, submitInvitation, submitWithdrawal } from './account/invitations.js';
import { showKeys, submitDeleteKey, submitKey } from './account/keys.js';
import { homePath } from './account/return-to.js';
import { showSettings, submitAccountLimit, submitTimeZone } from './account/settings.js';
import { seeOther, showSignIn, submitSignIn } from './account/sign-in.js';
import { submitSignOut } from './account/sign-out.js';
import type { Context, RequestState } from './context.js';
import type { Dependencies } from './dependencies.js';
import { showInteraction } from './interaction/show-interaction.js';
import { submitConsent } from './interaction/submit-consent.js';

/** The pages: everything that is not oidc-provider's. */
export function createRouter(deps: Dependencies): Router<RequestState> {
  const router = new Router<RequestState>();
  const page = (
    handler: (deps: Dependencies, ctx: Context, parameter: string) => Promise<void> | void,
    parameter = '',
  ) => {
    return (ctx: Context & { params: Record<string, string> }) => handler(deps, ctx, ctx.params[parameter] ?? '');
  };

  router.get(
    '/',
    page((_, ctx) => seeOther(ctx, homePath)),
  );
  router.get(
    '/account',
    page((_, ctx) => seeOther(ctx, homePath)),
  );

  router.get('/account/create', page(showCreateAccount));
  router.post('/account/create', page(submitCreateAccount));
  router.get('/account/sign-in', page(showSignIn));
  router.post('/account/sign-in', page(submitSignIn));
  router.post('/account/sign-out', page(submitSignOut));

  router.get('/account/grants', page(showGrants));
  router.get('/account/grants/:grant_id', page(showGrant, 'grant_id'));
  router.get('/account/grants/:grant_id/limits', page(showGrantLimits, 'grant_id'));
  router.post('/account/grants/:grant_id/limits', page(submitGrantLimits, 'grant_id'));
  router.post('/account/grants/:grant_id/revoke', page(submitRevokeGrant, 'grant_id'));
  router.get('/account/keys', page(showKeys));
  router.post('/account/keys', page(submitKey));
  router.post('/account/keys/:upstream/delete', page(submitDeleteKey, 'upstream'));

  router.get('/account/invitations', page(showInvitations));
  router.post('/account/invitations', page(submitInvitation));
  router.post('/account/invitations/:id/withdraw', page(submitWithdrawal, 'id'));

  router.get('/account/settings', page(showSettings));
  router.post('/account/settings/limit', page(submitAccountLimit));
  router.post('/account/settings/time-zone', page(submitTimeZone));

  router.get('/interaction/:uid', page(showInteraction, 'uid'));
  router.post('/interaction/:uid/consent', page(submitConsent, 'uid'));
  return router;
}
