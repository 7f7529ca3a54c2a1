import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Logger } from 'pino';

interface ProviderError {
  readonly message: string;
  readonly error_description?: string | undefined;
  readonly error_detail?: string | undefined;
}

const maxDetailLength = 200;

/**
 * Logs each refusal of oidc-provider with its reason. The answer contains little, so the log says which check failed.
 */
export function logProviderEvents(provider: Provider, log: Logger): void {
  const refused = (endpoint: string) => (ctx: KoaContextWithOIDC, error: ProviderError) => {
    requestLog(ctx, log).info({
      event: 'request_refused',
      endpoint,
      reason: error.message,
      description: error.error_description?.slice(0, maxDetailLength),
      detail: error.error_detail?.slice(0, maxDetailLength),
      client_id: ctx.oidc.client?.clientId,
    });
  };
  provider.on('authorization.error', refused('authorization'));
  provider.on('grant.error', refused('token'));
  provider.on('introspection.error', refused('introspection'));
  provider.on('revocation.error', refused('revocation'));
  provider.on('registration_create.error', refused('registration'));
  provider.on('pushed_authorization_request.error', refused('pushed_authorization_request'));
  provider.on('grant.revoked', (ctx: KoaContextWithOIDC, grantId: string) => {
    requestLog(ctx, log).warn({ event: 'grant_revoked', grant_id: grantId, client_id: ctx.oidc.client?.clientId });
  });
  provider.on('server_error', (ctx: KoaContextWithOIDC, error: Error) => {
    requestLog(ctx, log).error({ event: 'unexpected_error', err: error });
  });
}

function requestLog(ctx: KoaContextWithOIDC, log: Logger): Logger {
  const { log: ofRequest } = ctx.state as { readonly log?: Logger };
  return ofRequest ?? log;
}
