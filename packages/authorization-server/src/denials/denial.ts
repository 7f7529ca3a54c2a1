import type { ProofProblem } from '@aipassport/policy';
import type { TokenScope } from '@aipassport/store/authorization';
import type { DocumentProblem } from '../documents/fetch-document.js';

/** The account of a sign-in attempt. If no account is known yet, the e-mail address that was typed. */
export type SignInSubject = { readonly accountId: string } | { readonly email: string };

/** A value that an operation of the JSON API does not accept. */
export interface WrongMember {
  /** The dotted path of the member in the body, or the name of the parameter. */
  readonly member: string;
  /** What it must be. */
  readonly rule: string;
}

/**
 * Why this server refuses a request. The reason is logged. `describe-denial.ts` has the answer to each reason. Refusals
 * that oidc-provider answers with an error of its own are in `oidc/oauth-denial.ts`.
 *
 * A form that is shown again with its problems, and a page about an expired link, are not denials: they have contents
 * and next steps that the error page does not have. `mark-refused.ts` in this folder sets their HTTP status.
 */
export type Denial =
  // the request as HTTP
  | { readonly reason: 'host_unknown' }
  | { readonly reason: 'method_not_served' }
  | { readonly reason: 'path_unknown' }
  | { readonly reason: 'text_malformed' }
  | { readonly reason: 'json_too_deep'; readonly maxDepth: number }
  | { readonly reason: 'too_many_parameters' }
  | {
      readonly reason: 'parameters_too_long';
      readonly of: 'state' | 'authorization_details' | 'all';
      readonly maxBytes: number;
    }
  | { readonly reason: 'body_too_large' }
  | { readonly reason: 'body_cut_short' }
  | { readonly reason: 'form_missing' }
  // the form and its owner
  | { readonly reason: 'form_outdated' }
  | { readonly reason: 'sign_in_too_old' }
  | { readonly reason: 'interaction_over' }
  | { readonly reason: 'interaction_elsewhere' }
  | { readonly reason: 'device_request_over' }
  | { readonly reason: 'account_changed' }
  /** The form for a new account has a problem. The page that answers the form says which. */
  | { readonly reason: 'account_refused' }
  | { readonly reason: 'grant_unknown' }
  | { readonly reason: 'invitation_unknown' }
  | { readonly reason: 'upstream_unknown' }
  // a sign-in at an identity provider
  | { readonly reason: 'identity_answer_invalid' }
  | { readonly reason: 'identity_provider_unavailable' }
  // limits
  | {
      readonly reason: 'too_many_attempts';
      readonly retryAfterSeconds: number;
      /** For the audit log: the account whose sign-in is refused. Undefined: the attempt is not a sign-in. */
      readonly signIn?: SignInSubject | undefined;
    }
  | { readonly reason: 'too_many_passwords' }
  // an OAuth request (`oidc/errors.ts`, `serve-userinfo.ts`, `serve-grants.ts`, `admin/require-admin.ts`)
  | { readonly reason: 'access_token_missing' }
  | { readonly reason: 'access_token_inactive' }
  | { readonly reason: 'access_token_bound' }
  | { readonly reason: 'access_token_not_bound' }
  | { readonly reason: ProofProblem }
  | { readonly reason: 'management_scope_missing'; readonly scope: string }
  | { readonly reason: 'admin_scope_missing'; readonly scope: string }
  | { readonly reason: 'client_grant_unknown' }
  | { readonly reason: 'client_document_unreadable'; readonly problem: DocumentProblem }
  | { readonly reason: 'client_document_invalid' }
  | { readonly reason: 'too_many_client_secrets'; readonly retryAfterSeconds: number }
  | { readonly reason: 'too_many_tokens'; readonly retryAfterSeconds: number }
  | { readonly reason: 'oauth_database_unavailable' }
  // a request to the JSON API (`api/`)
  | { readonly reason: 'api_token_missing' }
  | { readonly reason: 'api_token_foreign' }
  | { readonly reason: 'api_token_inactive' }
  | { readonly reason: 'api_scope_missing'; readonly scope: TokenScope }
  | { readonly reason: 'api_value_invalid'; readonly wrong: readonly [WrongMember, ...WrongMember[]] }
  | { readonly reason: 'api_object_unknown' }
  | { readonly reason: 'api_raise_refused'; readonly see: string }
  | { readonly reason: 'api_conflict'; readonly problem: string }
  // the server itself
  | { readonly reason: 'database_unavailable' }
  | { readonly reason: 'unexpected_error' };

/** Thrown by any code that refuses a request. `answer-errors.ts` answers it. */
export class Denied extends Error {
  override readonly name = 'Denied';
  readonly denial: Denial;

  constructor(denial: Denial) {
    super(denial.reason);
    this.denial = denial;
  }
}
