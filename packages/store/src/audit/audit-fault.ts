/** What is wrong with a seal or with its event. */
export type SealFault =
  | { readonly kind: 'edited' | 'deleted' | 'seal_changed'; readonly eventId: bigint; readonly at: Date }
  /** Seals from this place on are missing, before the event. */
  | { readonly kind: 'seals_missing'; readonly sequence: bigint; readonly eventId: bigint; readonly at: Date }
  | { readonly kind: 'unknown_key'; readonly keyId: string; readonly eventId: bigint; readonly at: Date };

/** The first thing that is wrong with the audit log. */
export type AuditFault =
  | SealFault
  /** The seals after this one are missing. */
  | { readonly kind: 'end_missing'; readonly sequence: bigint }
  /** The seal that the operator expects is missing, or another one. */
  | { readonly kind: 'not_expected'; readonly sequence: bigint }
  | { readonly kind: 'added'; readonly eventId: bigint; readonly at: Date }
  /** Events of an account that exists are under the id of a deleted one. */
  | { readonly kind: 'account_exists'; readonly accountId: string }
  | { readonly kind: 'changed'; readonly problem: string };
