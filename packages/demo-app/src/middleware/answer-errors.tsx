import { HttpError, type Middleware } from 'koa';
import { describeError, type Log } from '../log.js';
import { MessagePage } from '../pages/message-page.js';
import { renderPage } from '../pages/render-page.js';

/**
 * The only place that turns an error into an answer. The page shows the message of an error that is meant for readers.
 * Any other error is logged, and the page says only that something went wrong.
 */
export function answerErrors(log: Log): Middleware {
  return async (ctx, next) => {
    try {
      await next();
      if (ctx.status === 404 && ctx.body === undefined) ctx.throw(404, 'There is nothing at this address.');
    } catch (error) {
      const isExpected = error instanceof HttpError && error.expose;
      if (!isExpected) log('request_failed', { path: ctx.path, ...describeError(error) });
      ctx.status = error instanceof HttpError ? error.status : 500;
      const title = isExpected ? error.message : 'Something went wrong here.';
      renderPage(ctx, <MessagePage explanation={{ title, advice: 'Nothing was changed.' }} />);
    }
  };
}
