/** The reason why there is no answer, or only a part of one. Each reason calls for a different action of the reader. */
export type Refusal =
  | { readonly reason: 'access_ended' }
  | { readonly reason: 'model_not_allowed' }
  | { readonly reason: 'capability_not_allowed' }
  /** `manageUrl`: where the proxy says that the owner can grant more. Check it before use. */
  | {
      readonly reason: 'request_limit_reached' | 'budget_exhausted' | 'overall_limit_reached';
      readonly manageUrl: string | undefined;
    }
  | { readonly reason: 'rate_limited' | 'budget_held'; readonly retryAfterSeconds: number | undefined }
  | { readonly reason: 'operator_budget_exhausted' }
  | { readonly reason: 'provider_key_missing' }
  | { readonly reason: 'provider_key_refused' }
  | { readonly reason: 'provider_busy'; readonly retryAfterSeconds: number | undefined }
  | { readonly reason: 'provider_failed' }
  | { readonly reason: 'proxy_unavailable'; readonly retryAfterSeconds: number | undefined }
  | { readonly reason: 'authorization_server_unavailable' }
  | { readonly reason: 'answer_broken_off' }
  | { readonly reason: 'request_refused'; readonly message: string }
  | { readonly reason: 'unexpected' };
