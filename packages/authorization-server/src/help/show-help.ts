import { findOwner } from '../account/owner-session.js';
import { describeSignedIn } from '../account/require-owner.js';
import { sendsMail } from '../account/send-confirmation-link.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { renderHelpPage } from '../pages/help-page.js';

/** `GET /help`: what an owner can do here, for people who are signed in and for visitors. */
export async function showHelp(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await findOwner(deps, ctx);
  ctx.type = 'html';
  ctx.body = renderHelpPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: owner && describeSignedIn(deps, ctx, owner, 'help'),
    contact: deps.configuration.operatorContact,
    sendsMail: sendsMail(deps),
  });
}
