import Provider, { type TokenEndpointGrantContext } from 'oidc-provider';
import { delegationParameters } from '../exchange/delegate.js';
import type { Exchange } from '../exchange/exchange-tokens.js';
import { exchangeGrantType } from '../offered.js';

/**
 * oidc-provider, with two changes:
 *
 * - Token requests are answered by `exchange`, which runs oidc-provider's own handlers. For a token exchange it runs
 *   the handler of refresh tokens: see `issue-under-grant.ts`.
 * - Authorization requests are answered with the response mode `query` only. A browser keeps a fragment through later
 *   redirects, so another site could get the code. A self-submitting form needs a script, and our pages run none. The
 *   name `fragment` stays registered, because oidc-provider answers the errors of other response types with that mode.
 *   Here the handler of `query` has this name too, so these errors are sent in the query.
 *
 * Assumption: oidc-provider registers its own grant types with the method registerGrantType.
 * Assumption: oidc-provider registers its own response modes with the method registerResponseMode.
 * Assumption: an error of a response type with tokens is answered by the response mode fragment.
 */
export class AuthorizationProvider extends Provider {
  exchange: Exchange = (_ctx, handle) => handle();

  override registerGrantType<P extends object>(
    name: string,
    handle: (ctx: TokenEndpointGrantContext<P>) => Promise<void> | void,
    ...rest: readonly (string | readonly string[] | ReadonlySet<string> | undefined)[]
  ): void {
    const exchange = (ctx: TokenEndpointGrantContext<P>) => this.exchange(ctx, async () => handle(ctx));
    super.registerGrantType(name, exchange, ...rest);
    if (name === 'refresh_token')
      super.registerGrantType(exchangeGrantType, exchange, delegationParameters, ['resource']);
  }

  override registerResponseMode(...[name, handler]: Parameters<Provider['registerResponseMode']>): void {
    if (name !== 'query') return;
    super.registerResponseMode('query', handler);
    super.registerResponseMode('fragment', handler);
  }
}
