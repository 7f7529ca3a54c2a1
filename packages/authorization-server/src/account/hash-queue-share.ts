/**
 * Whose share of the queue a password belongs to: the network that sent it, and the account that it is for. Passwords
 * wait in this queue to be hashed (`passwords.ts`). It serves the networks in turn, and limits how many places one
 * account has.
 */
export interface HashQueueShare {
  readonly network: string;
  /** The e-mail address of the account, or what was typed in its place. */
  readonly account: string;
}
