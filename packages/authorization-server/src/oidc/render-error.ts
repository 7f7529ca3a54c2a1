import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { titleOfStatus } from '../denials/describe-denial.js';
import { describeProviderError } from '../denials/describe-provider-error.js';
import type { Foundation } from '../foundation.js';
import { renderErrorPage } from '../pages/error-page.js';

/**
 * Renders the page for an authorization error that cannot be sent to the client. It contains nothing from the request.
 */
export function createErrorRenderer({ stylesheet }: Pick<Foundation, 'stylesheet'>) {
  return async (ctx: KoaContextWithOIDC, out: ErrorOut): Promise<void> => {
    ctx.type = 'html';
    ctx.body = renderErrorPage({
      stylesheet,
      status: ctx.status,
      title: titleOfStatus(ctx.status),
      message: describeProviderError(out.error),
      code: out.error,
      detail: out.error_description,
    });
  };
}
