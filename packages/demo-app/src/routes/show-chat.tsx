import type { Middleware } from 'koa';
import { findAccess } from '../chat/find-access.js';
import type { DemoAppDependencies } from '../demo-app-dependencies.js';
import { allowScript } from '../middleware/set-security-headers.js';
import { listAllowedModels } from '../models.js';
import { ChatPage } from '../pages/chat-page.js';
import { renderPage } from '../pages/render-page.js';
import { explainRefusal } from '../refusal/explain-refusal.js';
import { endConnection } from '../session/end-connection.js';

/** GET /chat. */
export function showChat(deps: DemoAppDependencies): Middleware {
  return async (ctx) => {
    const session = deps.sessions.find(ctx);
    const connection = session?.connection;
    if (session === undefined || connection === undefined) return ctx.redirect('/');
    const access = await findAccess(deps, connection);
    if (access.state === 'ended') {
      endConnection(session, explainRefusal({ reason: 'access_ended' }, deps.issuer));
      return ctx.redirect('/');
    }
    renderPage(
      ctx,
      <ChatPage
        models={listAllowedModels(connection.scope)}
        isChatAllowed={connection.scope.includes('cap:chat')}
        chosenModelId={session.modelId}
        conversation={session.conversation}
        limits={access.state === 'live' ? access.limits : undefined}
        connectedAppsUrl={`${deps.issuer}/account/apps`}
        scriptNonce={allowScript(ctx)}
      />,
    );
  };
}
