/** What is wrong with a seal or with its event. */
export type SealFault =
  | { readonly kind: 'edited' | 'deleted' | 'seal_changed'; readonly eventId: bigint; readonly at: Date }
  /** `sequence`: the number of the first missing seal. `eventId` and `at`: the event of the next seal that exists. */
  | { readonly kind: 'seals_missing'; readonly sequence: bigint; readonly eventId: bigint; readonly at: Date }
  | { readonly kind: 'unknown_key'; readonly keyId: string; readonly eventId: bigint; readonly at: Date };

/** The first thing that is wrong with the audit log. */
export type AuditFault =
  | SealFault
  /** The seals after the seal `sequence` are missing: all of them, or the next ones. */
  | { readonly kind: 'end_missing'; readonly sequence: bigint }
  /** The seal that the operator expects is missing, or has another code. */
  | { readonly kind: 'not_expected'; readonly sequence: bigint }
  /**
   * A signed head covers the last seal of each account between `since` and `sequence`. The seals that are stored now
   * differ from those.
   */
  | { readonly kind: 'account_ends_changed'; readonly since: bigint; readonly sequence: bigint }
  /** An event has no seal, although the servers have sealed all their events up to its number. */
  | { readonly kind: 'added'; readonly eventId: bigint; readonly at: Date }
  /** An event says that this account was deleted, but the account exists. */
  | { readonly kind: 'account_exists'; readonly accountId: string }
  | { readonly kind: 'changed'; readonly problem: string };
