import type { Middleware } from 'koa';
import type { DemoAppDependencies } from '../demo-app-dependencies.js';
import { revokeConnection } from '../oauth/revoke-connection.js';
import { endConnection } from '../session/end-connection.js';

/**
 * POST /disconnect: revokes the access, and then forgets the tokens. It forgets them even when the authorization server
 * cannot be reached.
 */
export function submitDisconnect({ client, sessions, issuer, log }: DemoAppDependencies): Middleware {
  return async (ctx) => {
    const session = sessions.find(ctx);
    ctx.status = 303;
    ctx.redirect('/');
    if (session?.connection === undefined) return;
    const { connection } = session;
    try {
      await revokeConnection(client, connection);
      endConnection(session, {
        title: 'Disconnected.',
        advice: 'Access removed. Demo Chat can no longer use your AI.',
      });
      log('disconnected');
    } catch (error) {
      log('revocation_failed', { error: error instanceof Error ? error.name : 'unknown' });
      endConnection(session, {
        title: 'Disconnected here, but not at AIPassport.',
        advice: 'Demo Chat can no longer use your AI. To end its access at AIPassport too, remove it there:',
        link: { label: 'Connected apps', href: `${issuer}/account/apps` },
      });
    }
  };
}
