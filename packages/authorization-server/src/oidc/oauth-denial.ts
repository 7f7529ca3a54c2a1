/**
 * Why a check of ours refuses a request that oidc-provider answers. The reason is logged. `describe-oauth-denial.ts`
 * has the answer to each reason. Refusals with a status of their own, such as 429 and 503, are in `denials/denial.ts`.
 */
export type OAuthDenial =
  // the parameters of a request for access
  | { readonly reason: 'max_age_malformed' }
  | { readonly reason: 'resource_unknown' }
  | { readonly reason: 'scope_token_unknown'; readonly token: string }
  | { readonly reason: 'scope_too_long' }
  | { readonly reason: 'admin_scope_not_given' }
  /** `path`: the wrong part of `authorization_details`. `rule`: what the part must be: “must be a known model”. */
  | ({ readonly reason: 'details_invalid' } & WrongDetails)
  // grant management
  | { readonly reason: 'action_missing' }
  | { readonly reason: 'action_unknown' }
  | { readonly reason: 'grant_id_unexpected' }
  | { readonly reason: 'grant_id_missing' }
  | { readonly reason: 'change_without_browser' }
  /** The grant does not exist, is not this client's or this owner's, or has ended. The answer does not say which. */
  | { readonly reason: 'grant_id_unknown' }
  // the owner's decision
  | { readonly reason: 'owner_denied' }
  | { readonly reason: 'decision_pending' }
  | { readonly reason: 'poll_too_early' }
  | { readonly reason: 'user_code_taken' }
  // codes and tokens
  | { readonly reason: 'request_uri_consumed' }
  | { readonly reason: 'code_consumed' }
  | { readonly reason: 'device_code_consumed' }
  | { readonly reason: 'grant_ended' }
  // token exchange
  | { readonly reason: 'subject_token_missing' }
  | { readonly reason: 'subject_token_type_wrong' }
  | { readonly reason: 'requested_token_type_wrong' }
  | { readonly reason: 'actor_token_unsupported' }
  | { readonly reason: 'subject_token_inactive' }
  /** `problem`: what the grant of the subject token does not allow, from `decideDelegation`. */
  | { readonly reason: 'delegation_too_wide'; readonly of: 'scope' | 'details'; readonly problem: string }
  | { readonly reason: 'delegation_too_deep'; readonly maxDepth: number }
  | { readonly reason: 'too_many_delegations'; readonly max: number }
  | { readonly reason: 'scope_not_shared' }
  | { readonly reason: 'terms_unexpected' }
  | { readonly reason: 'delegated_grant_unknown' }
  // the client's authentication, its proofs and its metadata
  | AssertionDenial
  | { readonly reason: 'client_blocked' }
  | { readonly reason: 'proof_used' }
  | { readonly reason: 'proof_in_future'; readonly maxSecondsAhead: number }
  | { readonly reason: 'metadata_invalid'; readonly member: MetadataMember; readonly rule: string };

export interface WrongDetails {
  readonly path: string;
  readonly rule: string;
}

/** Why a client assertion is refused. `engine/describe-refusal.ts` has the descriptions. */
export interface AssertionDenial {
  readonly reason: 'assertion_audience_wrong' | 'assertion_in_future' | 'assertion_lives_too_long';
}

/** A member of client metadata (RFC 7591) that we check. */
export type MetadataMember =
  | 'the metadata'
  | 'client_name'
  | 'redirect_uris'
  | 'post_logout_redirect_uris'
  | 'jwks'
  | 'jwks_uri'
  | 'sector_identifier_uri';
