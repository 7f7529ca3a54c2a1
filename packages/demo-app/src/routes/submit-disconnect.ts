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
        advice: 'The access was given back to AIPassport, and every token of it is void.',
      });
      log('disconnected');
    } catch (error) {
      log('revocation_failed', { error: error instanceof Error ? error.name : 'unknown' });
      endConnection(session, {
        title: 'Disconnected here, but not at AIPassport.',
        advice: 'This app has forgotten its tokens. To be sure, end the access there too:',
        link: { label: 'Your grants', href: `${issuer}/account/apps` },
      });
    }
  };
}
