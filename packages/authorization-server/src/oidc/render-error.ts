import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { type AppLink, findAppLink } from '../account/find-app-link.js';
import { describeProviderError } from '../denials/error-words.js';
import type { Foundation } from '../foundation.js';
import { renderErrorPage } from '../pages/error-page.js';
import { readTexts } from '../texts/choose-texts.js';

/** For developers. oidc-provider's own description says only that the client is invalid. */
const unknownClient = 'client_id is unknown: no client with this identifier is registered';

/**
 * Renders the page for an authorization error that cannot be sent to the client. It contains nothing from the request.
 * We do not know how a person starts again at the app, so the page leads to the app's own site.
 */
export function createErrorRenderer({ stylesheet, configuration }: Pick<Foundation, 'stylesheet' | 'configuration'>) {
  return async (ctx: KoaContextWithOIDC, out: ErrorOut): Promise<void> => {
    ctx.type = 'html';
    ctx.body = renderErrorPage({
      stylesheet,
      texts: readTexts(ctx),
      words: describeProviderError(ctx.status, out.error),
      code: out.error,
      detail: out.error === 'invalid_client' ? unknownClient : out.error_description,
      appLink: out.error === 'invalid_redirect_uri' ? undefined : findSite(ctx, configuration.issuer),
    });
  };
}

function findSite(ctx: KoaContextWithOIDC, issuer: string): AppLink | undefined {
  const client = ctx.oidc?.client; // undefined before oidc-provider has found the client
  return client && findAppLink({ metadata: { ...client.metadata() } }, issuer);
}
