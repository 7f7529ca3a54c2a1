import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { titleOfStatus } from '../denials/describe-denial.js';
import type { Foundation } from '../foundation.js';
import { renderErrorPage } from '../pages/error-page.js';

/** The page for an authorization request that cannot be answered at the client: nothing of the request is on it. */
export function createErrorRenderer({ stylesheet }: Pick<Foundation, 'stylesheet'>) {
  return async (ctx: KoaContextWithOIDC, out: ErrorOut): Promise<void> => {
    ctx.type = 'html';
    ctx.body = renderErrorPage({
      stylesheet,
      status: ctx.status,
      title: titleOfStatus(ctx.status),
      message:
        messages[out.error] ??
        'Go back to the app and try again. If it happens again, tell its makers what is written below.',
      code: out.error,
      detail: out.error_description,
    });
  };
}

const messages: Readonly<Record<string, string>> = {
  invalid_client: 'The app that sent you here is not known to this server.',
  invalid_redirect_uri:
    'The app asks to send you to an address that it has not registered. Nothing was shared with it.',
  temporarily_unavailable: 'The server cannot reach its database. Try again in a moment.',
  server_error: 'Something went wrong on this server. It has been noted; try again in a moment.',
};
