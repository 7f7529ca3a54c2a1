import type { EventEmitter } from 'node:events';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';

/** Why oidc-provider refused a request. */
export interface Refusal {
  /** The error code of the answer. */
  readonly code: string;
  readonly description: string | undefined;
  /** The check that failed. It is not part of the answer. */
  readonly detail: string | undefined;
  /** The error of oidc-provider, or one of ours. */
  readonly error: object;
}

/** The members of oidc-provider's error that have these values. */
interface ProviderError {
  readonly message: string;
  readonly error_description?: string | undefined;
  readonly error_detail?: string | undefined;
}

const endpoints = {
  'authorization.error': 'authorization',
  'grant.error': 'token',
  'introspection.error': 'introspection',
  'revocation.error': 'revocation',
  'registration_create.error': 'registration',
  'pushed_authorization_request.error': 'pushed_authorization_request',
  'device_authorization.error': 'device_authorization',
} as const;

/**
 * Calls `listen` for each request that oidc-provider refuses at one of the endpoints above.
 *
 * Assumption: a refusal emits the error event of its endpoint, with the request and the error.
 */
export function onRefusal(
  provider: Provider,
  listen: (endpoint: string, ctx: KoaContextWithOIDC, refusal: Refusal) => void,
): void {
  const emitter: EventEmitter = provider;
  for (const [event, endpoint] of Object.entries(endpoints))
    emitter.on(event, (ctx: KoaContextWithOIDC, error: ProviderError) => {
      const { message: code, error_description: description, error_detail: detail } = error;
      listen(endpoint, ctx, { code, description, detail, error });
    });
}
