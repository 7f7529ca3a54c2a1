import { findClient, type OwnerSession } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { findEndedInteraction } from '../oidc/ended-interaction.js';
import { findInteraction, interactionOver } from '../oidc/interactions.js';
import { renderAlreadyAnsweredPage } from '../pages/already-answered-page.js';
import { renderRequestEndedPage } from '../pages/request-ended-page.js';
import { findAppSite } from './answer-repeat.js';
import { findAppName } from './describe-app.js';

/**
 * Answers an owner whose request cannot continue: see `findEndedInteraction`. The page offers to begin the request
 * again, or to return to the app. If a pushed request was decided in another tab, a page says so instead.
 * @throws Denied when the request is unknown, or began in another browser
 */
export async function answerEndedInteraction(
  deps: Dependencies,
  ctx: Context,
  { uid, owner, reason }: EndedRequest,
): Promise<void> {
  const ended = await findEndedInteraction(deps, ctx, uid);
  if (ended === undefined) throw await describeMissing(deps, uid);
  const client = await findClient(deps.db, ended.clientId);
  if (client === undefined) throw interactionOver();
  ctx.state.log.info({ event: 'request_refused', reason });
  deps.metrics.refusals.inc({ reason });
  markRefused(ctx, reason);
  const { texts } = ctx.state;
  const appName = findAppName(client, ended.redirectUri) ?? texts('existing.thisApp');
  ctx.type = 'html';
  if (ended.isDecided) {
    ctx.body = renderAlreadyAnsweredPage({
      stylesheet: deps.stylesheet,
      texts,
      appName,
      decision: { kind: 'elsewhere' },
      backTo: findAppSite(ended.redirectUri),
    });
    return;
  }
  ctx.body = renderRequestEndedPage({
    ...ended,
    stylesheet: deps.stylesheet,
    texts,
    appName,
    email: owner.email,
    isAccountChanged: reason === 'account_changed',
  });
}

/** Returns the refusal of a request that began in another browser, or that has ended. */
async function describeMissing({ provider }: Dependencies, uid: string): Promise<Denied> {
  const isOpen = (await findInteraction(provider, uid)) !== undefined;
  return isOpen ? new Denied({ reason: 'interaction_elsewhere' }) : interactionOver();
}

interface EndedRequest {
  readonly uid: string;
  readonly owner: OwnerSession;
  readonly reason: 'interaction_over' | 'account_changed';
}
