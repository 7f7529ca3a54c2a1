import type {
  Capability,
  CostProblem,
  LastingDenial,
  Operation,
  PassingDenial,
  ProofProblem,
} from '@aipassport/policy';
import type { FieldDenial } from './field-denial.js';

/** What is wrong with a JSON body. Each problem has its sentence in `problem-texts.ts`. */
export type BodyProblem =
  | 'not_utf8'
  | 'byte_order_mark'
  | 'not_json'
  | 'not_an_object'
  | 'repeated_member'
  | 'too_deep'
  | 'too_many_members'
  | 'too_many_values'
  | 'too_many_stored_values'
  | 'too_many_escapes'
  | 'too_much_text'
  | 'forbidden_member'
  | 'unpaired_surrogate'
  | 'number_out_of_range';

/** What is wrong with a multipart body. */
export type FormProblem =
  | 'malformed'
  | 'repeated_field'
  | 'field_too_long'
  | 'file_missing'
  | 'picture_missing'
  | 'too_many_pictures';

/** A limit that only the owner can raise. An immediate retry does not help. */
export type LimitReached = LastingDenial | 'account_budget_exhausted';

/** The upstream from which a model was requested, and the path that lists the upstream's models. */
export type ModelsPlace = Pick<Operation, 'upstream' | 'modelsPath'>;

/** Why a proxied request was refused. Every reason is logged; clients can distinguish only few of them. */
export type Denial =
  // the form of the HTTP request
  | { readonly reason: 'target_malformed' }
  | { readonly reason: 'header_repeated' }
  | { readonly reason: 'body_unexpected' }
  | { readonly reason: 'path_unknown' }
  | { readonly reason: 'method_not_allowed'; readonly allow: string }
  | { readonly reason: 'query_not_allowed'; readonly field?: string }
  // the credential
  | { readonly reason: 'token_missing' }
  | { readonly reason: 'token_malformed' }
  | { readonly reason: 'provider_key_sent' }
  | { readonly reason: 'api_token_sent' }
  | { readonly reason: 'credentials_repeated' }
  | { readonly reason: 'credential_in_url' }
  | { readonly reason: 'token_invalid' /** For the log. */; readonly detail: string }
  | { readonly reason: 'token_expired' }
  | { readonly reason: 'token_inactive' }
  | { readonly reason: 'grant_unknown' }
  | { readonly reason: 'grant_revoked' }
  | { readonly reason: 'grant_expired' }
  /** The token is bound to a client's key, but was sent as a bearer token. */
  | { readonly reason: 'token_bound' }
  /** The token was sent with the scheme `DPoP`, but is not bound to a client's key. */
  | { readonly reason: 'token_unbound' }
  | { readonly reason: ProofProblem }
  // the body
  | { readonly reason: 'content_type_unsupported'; readonly expected: string }
  | { readonly reason: 'content_encoding_unsupported' }
  | { readonly reason: 'body_too_large'; readonly maxBytes: number }
  | { readonly reason: 'body_too_slow' }
  /** The body comes in very many tiny chunks. */
  | { readonly reason: 'body_in_small_chunks' }
  /** Checking the body takes more memory or time than one request may take. */
  | { readonly reason: 'body_too_heavy' /** For the log. */; readonly detail: string }
  /**
   * Other requests of the same grant or account use up its share of the memory for bodies, or its places in the queue.
   */
  | { readonly reason: 'body_share_exceeded'; readonly of: 'grant' | 'account' }
  | { readonly reason: 'body_malformed'; readonly problem: BodyProblem }
  | { readonly reason: 'form_malformed'; readonly problem: FormProblem; readonly field?: string }
  | FieldDenial
  /** The object is not stored for this grant: it belongs to another grant, or does not exist. */
  | { readonly reason: 'state_unknown'; readonly field: string | undefined }
  /** The request needs a stored object, but with an operator's provider key nothing is stored. */
  | { readonly reason: 'state_not_kept'; readonly field: string | undefined }
  | { readonly reason: 'conversation_locked' }
  | { readonly reason: 'model_missing' }
  | { readonly reason: 'model_unknown'; readonly of: ModelsPlace }
  | { readonly reason: 'model_unsuited'; readonly capability: Capability }
  // the grant
  | {
      readonly reason: 'scope_missing';
      /** The whole scope that the request needs. */
      readonly requiredScope: string;
      /** The part of `requiredScope` that is not granted. */
      readonly missingScope: string;
    }
  | {
      readonly reason: 'operator_budget_exhausted' /** Where the owner can add a provider key. */;
      readonly keysUrl: string;
    }
  | { readonly reason: 'grant_unusable' /** For the log. */; readonly detail: string }
  | { readonly reason: LimitReached /** The page where the owner can grant more. */; readonly manageUrl: string }
  /** Running requests have reserved the missing part of the budget. */
  | { readonly reason: 'budget_held'; readonly retryAfterSeconds: number }
  | { readonly reason: PassingDenial; readonly retryAfterSeconds: number }
  | { readonly reason: 'request_repeated' }
  // the cost of the request
  | { readonly reason: 'model_unpriced'; readonly of: ModelsPlace }
  | {
      readonly reason: 'cost_unbounded';
      /** The part of the request whose cost is not known. The name comes from the code, never from the client. */
      readonly driver: string;
      readonly problem: CostProblem;
    }
  // the provider key
  | { readonly reason: 'provider_key_missing' }
  | { readonly reason: 'provider_key_changed' }
  | { readonly reason: 'provider_key_unusable' /** For the log. */; readonly detail: string }
  /** `code`: the vendor's error code, if it is a plain word. */
  | { readonly reason: 'provider_key_rejected'; readonly code: string | undefined }
  // the services that the proxy depends on
  | { readonly reason: 'upstream_unreachable' /** For the log. */; readonly detail: string }
  | { readonly reason: 'upstream_failed' /** For the log. */; readonly detail: string }
  | { readonly reason: 'upstream_timeout' }
  | { readonly reason: 'authorization_server_unavailable' }
  | { readonly reason: 'introspection_refused' }
  | { readonly reason: 'database_unavailable' }
  /** The transit engine that has the sealing key does not open provider keys at the moment. */
  | { readonly reason: 'sealing_key_unavailable' }
  | { readonly reason: 'overloaded' }
  | { readonly reason: 'stopping' }
  | { readonly reason: 'client_left' };

/** Thrown by a step to refuse the request. No later step runs, and `answerFailure` answers. */
export class Denied extends Error {
  override readonly name = 'Denied';
  readonly denial: Denial;

  constructor(denial: Denial, options?: ErrorOptions) {
    super(denial.reason, options);
    this.denial = denial;
  }
}
