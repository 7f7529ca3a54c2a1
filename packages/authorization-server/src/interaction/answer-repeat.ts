import { findClient, findGrant, type OwnerSession } from '@aipassport/store/authorization';
import { seeOther } from '../account/sign-in.js';
import type { Context } from '../context.js';
import { cookieNames } from '../cookie-names.js';
import { formatPath, paths } from '../endpoints.js';
import type { Foundation } from '../foundation.js';
import { readInteractionCookie } from '../oidc/engine/interaction-cookie.js';
import { findInteractionAnswer, type InteractionAnswer, isCodeRedeemable } from '../oidc/interaction-answers.js';
import { interactionOver } from '../oidc/interactions.js';
import { renderAlreadyAnsweredPage } from '../pages/already-answered-page.js';
import { findAppName } from './describe-app.js';

/** What the browser sent: the same decision again, another decision, or a request for the page. */
type Repeat = 'same' | 'other' | 'look';

/**
 * @returns how the interaction was answered; undefined when it has no answer yet, or belongs to another browser or
 * owner
 */
export async function findEarlierAnswer(
  { db, configuration }: Pick<Foundation, 'db' | 'configuration'>,
  ctx: Context,
  uid: string,
  owner: Pick<OwnerSession, 'accountId'>,
): Promise<InteractionAnswer | undefined> {
  if (readInteractionCookie(ctx, cookieNames(configuration).interaction) !== uid) return undefined;
  const answer = await findInteractionAnswer(db, uid);
  return answer?.accountId === owner.accountId ? answer : undefined;
}

/**
 * Answers an owner who comes back to a request that is already decided. An answer that led to another page of this
 * server leads to that page again. The same decision redirects to the app again, unless the redirect has a code that
 * can no longer be redeemed. Otherwise a page shows what was decided and links to the app.
 * @throws Denied when the grant has ended meanwhile: the app has to ask again
 */
export async function answerRepeat(
  { db, stylesheet }: Pick<Foundation, 'db' | 'stylesheet'>,
  ctx: Context,
  earlier: InteractionAnswer,
  repeat: Repeat,
): Promise<void> {
  const { location, grantId, redirectUri } = earlier;
  if (location.startsWith('/')) return seeOther(ctx, location);
  if (grantId !== undefined && (await findGrant(db, grantId))?.state !== 'active') throw interactionOver();
  const isRedeemable = await isCodeRedeemable(db, earlier);
  if (isRedeemable && repeat === 'same') return seeOther(ctx, location);
  const client = await findClient(db, earlier.clientId);
  const { texts } = ctx.state;
  ctx.type = 'html';
  ctx.body = renderAlreadyAnsweredPage({
    stylesheet,
    texts,
    appName: (client && findAppName(client, redirectUri)) ?? texts('existing.thisApp'),
    backTo: isRedeemable ? location : findAppSite(redirectUri),
    decision:
      grantId === undefined ? { kind: 'denied' } : { kind: 'allowed', grantPage: formatPath(paths.grant, grantId) },
  });
}

/** The app's web site; undefined when the redirect URI is not https, because the app may be on the owner's device. */
export function findAppSite(redirectUri: string): string | undefined {
  const url = URL.parse(redirectUri);
  return url?.protocol === 'https:' ? url.origin : undefined;
}
