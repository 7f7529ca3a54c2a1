import type { Database } from '@aipassport/store';
import type { GrantRevocation } from '@aipassport/store/authorization';
import type Koa from 'koa';
import type { Logger } from 'pino';
import type { Endpoint } from './endpoints.js';
import type { WrongDetails } from './oidc/oauth-denial.js';
import type { Parameter } from './text/parse-parameters.js';
import type { Texts } from './texts/texts.js';

/** The identifiers of one session of oidc-provider. */
export interface SessionIdentifiers {
  /** SECRET: the cookie's value. Only its hash is stored. */
  readonly jti: string;
  /** Interactions and codes refer to the session by this value. No cookie contains it. */
  readonly uid: string;
}

/** The data that our middleware keeps about a request. */
export interface RequestState {
  /** SECRET: the new value of the cookie of `issueFormToken`, which all tokens of one answer share. */
  newFormCookie?: string;
  readonly requestId: string;
  readonly log: Logger;
  /** The texts in the reader's language. See `choose-texts.ts`. */
  texts: Texts;
  /** Whether the texts are in the language of the account's settings. An app cannot change that language. */
  isLanguageChosen?: boolean;
  /** The endpoint at the request's path; undefined when no endpoint has this path. */
  readonly endpoint: Endpoint | undefined;
  /** The query parameters of the request's URL. Each is valid text. */
  query: readonly Parameter[];
  /**
   * The parameters of a form body; undefined for other requests. Contains secrets until the request has been answered.
   */
  form?: readonly Parameter[];
  /**
   * SECRET: the identifier of the owner's session that this request has started. The browser sends it with its next
   * requests.
   */
  startedSessionId?: string;
  /** The destinations of the page's forms, besides this server itself (CSP `form-action`). */
  formActions: readonly string[];
  /** The nonce of the page's scripts (CSP `script-src`); undefined for a page without scripts. See `allowScript`. */
  scriptNonce?: string;
  /** The origins that the page's scripts may call, besides this server (CSP `connect-src`). */
  scriptCalls?: readonly string[];
  /** What is wrong with the structure of `authorization_details`: see `adapt-details.ts`. */
  wrongDetails?: WrongDetails;
  /** Whether all `authorization_details` of this request have been checked: see `authorization-details.ts`. */
  areDetailsChecked?: true;
  /** The `jti` of the signed access token in the body, once its signature has been verified. */
  verifiedTokenId?: string;
  /** The identifiers for a session of oidc-provider that begins with this request. */
  newSession?: SessionIdentifiers;
  /** The account that is signed in, or whose API token the request has; undefined if no code has looked for it. */
  accountId?: string;
  /** The client whose token of the admin API the request carries. */
  clientId?: string;
  /** The account that is signed in. Set only at `/authorize` and `/authorize/:uid`, as is `ownerSignIn`. */
  ownerAccountId?: string;
  /**
   * The owner's last sign-in. `session` is the `uid` of the session of oidc-provider that belongs to this sign-in.
   * `secondsAgo` is the age of the sign-in by the database's clock.
   */
  ownerSignIn?: { readonly session: string; readonly secondsAgo: number };
  /** The transaction in which oidc-provider answers this request; see `in-transaction.ts`. */
  transaction?: Database;
  /** The grant to revoke after the transaction, even if the transaction is rolled back. */
  grantToEnd?: GrantRevocation;
  /** The hashes of the client assertion and of the DPoP proof that this request has recorded as used. */
  recordedUses?: ReadonlySet<string>;
  /** The latest time at which the access token that this request issues may end, in seconds since 1970. */
  accessTokenEndsAt?: number;
  /** Whether a refresh must issue no new refresh token. */
  keepsRefreshToken?: boolean;
}

export type Context = Koa.ParameterizedContext<RequestState>;
export type Next = Koa.Next;
export type Middleware = (ctx: Context, next: Next) => Promise<void> | void;
