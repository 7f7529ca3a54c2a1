import type { Middleware } from 'koa';
import type { DemoAppDependencies } from '../demo-app-dependencies.js';
import { ConnectPage } from '../pages/connect-page.js';
import { renderPage } from '../pages/render-page.js';

/** GET /: shows the start page. A browser that is connected already is redirected to the chat. */
export function showHome({ sessions }: DemoAppDependencies): Middleware {
  return (ctx) => {
    const session = sessions.find(ctx);
    if (session?.connection !== undefined) return ctx.redirect('/chat');
    renderPage(ctx, <ConnectPage notice={session?.notice} />);
    if (session !== undefined) session.notice = undefined;
  };
}
