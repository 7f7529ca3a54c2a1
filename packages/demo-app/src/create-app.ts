import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa from 'koa';
import type { DemoAppDependencies } from './demo-app-dependencies.js';
import { describeError } from './log.js';
import { answerErrors } from './middleware/answer-errors.js';
import { requireOwnHost } from './middleware/require-own-host.js';
import { requireOwnOrigin } from './middleware/require-own-origin.js';
import { setSecurityHeaders } from './middleware/set-security-headers.js';
import { serveAssets } from './routes/serve-assets.js';
import { showChat } from './routes/show-chat.js';
import { showHome } from './routes/show-home.js';
import { submitConnect } from './routes/submit-connect.js';
import { submitDisconnect } from './routes/submit-disconnect.js';
import { submitQuestion } from './routes/submit-question.js';
import { takeCallback } from './routes/take-callback.js';

/** Creates the app with all its routes. */
export function createApp(deps: DemoAppDependencies): Koa {
  const router = new Router();
  router.get('/', showHome(deps));
  router.post('/connect', submitConnect(deps));
  router.get('/callback', takeCallback(deps));
  router.get('/chat', showChat(deps));
  router.post('/chat/answer', submitQuestion(deps));
  router.post('/disconnect', submitDisconnect(deps));
  router.get('/assets/:name', serveAssets(deps.assets));
  router.get('/health', (ctx) => {
    ctx.body = { status: 'ok' };
  });

  const app = new Koa();
  app.on('error', (error) => {
    // A browser that leaves in the middle of an answer is not a failure.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') deps.log('response_failed', describeError(error));
  });
  app.use(setSecurityHeaders(deps.issuer));
  app.use(answerErrors(deps.log));
  app.use(requireOwnHost(deps.url));
  app.use(requireOwnOrigin(deps.url));
  app.use(
    bodyParser({
      enableTypes: ['form', 'json'],
      formLimit: '16kb',
      jsonLimit: '32kb',
      onError: (error, ctx) => {
        if ('status' in error && error.status === 413) ctx.throw(413, 'That was too much at once.');
        ctx.throw(400, 'That could not be read.');
      },
    }),
  );
  app.use(router.routes());
  return app;
}
