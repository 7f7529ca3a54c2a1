import type { Database } from '@aipassport/store';
import type { GrantRevocation } from '@aipassport/store/authorization';
import type Koa from 'koa';
import type { Logger } from 'pino';
import type { SessionIdentifiers } from './oidc/session-identifiers.js';
import type { Parameter } from './text/parse-parameters.js';

/** What our middleware remembers of a request. */
export interface RequestState {
  readonly requestId: string;
  readonly log: Logger;
  /** The query parameters of the request's URL. Each is valid text. */
  query: readonly Parameter[];
  /** The parameters of a form body; undefined for other requests. Holds secrets until the request has been answered. */
  form?: readonly Parameter[];
  /** Where the page's forms may lead besides this server itself (CSP `form-action`). */
  formActions: readonly string[];
  /** The `jti` of the signed access token in the body, once its signature has been verified. */
  verifiedTokenId?: string;
  /** What a session of oidc-provider that begins with this request is named. */
  newSession?: SessionIdentifiers;
  /** Whose live session came with a request that oidc-provider's authorization endpoint answers. */
  ownerAccountId?: string;
  /** Their sign-in: the name of the session that it began, and how long ago it was, by the database's clock. */
  ownerSignIn?: { readonly session: string; readonly secondsAgo: number };
  /** In which oidc-provider answers this request; see `exchange-tokens.ts`. */
  transaction?: Database;
  /** The grant that is to end, although the transaction is rolled back. */
  grantToEnd?: GrantRevocation;
  /** Whether a refresh is answered without a new refresh token. */
  keepsRefreshToken?: boolean;
}

export type Context = Koa.ParameterizedContext<RequestState>;
export type Next = Koa.Next;
export type Middleware = (ctx: Context, next: Next) => Promise<void> | void;
