import type { ParameterizedContext } from 'koa';
import type { RequestState } from '../context.js';
import { readOidc } from '../oidc/engine/read-oidc.js';

/** The account and the client of a request, for its log line, as far as they are known when it has been answered. */
export function describeParties(ctx: ParameterizedContext): {
  readonly account_id: string | undefined;
  readonly client_id: string | undefined;
} {
  const { accountId, clientId } = ctx.state as RequestState;
  // undefined if our own middleware has answered the request
  const oidc = readOidc(ctx) as ReturnType<typeof readOidc> | undefined;
  return { account_id: accountId ?? oidc?.account?.accountId, client_id: clientId ?? oidc?.client?.clientId };
}
