/**
 * The network that sent a password, and the account that it is for. Passwords wait in
 * a queue to be hashed (`passwords.ts`). It serves the networks in turn, and limits how many places one account has.
 */
export interface Asker {
  readonly network: string;
  /** The e-mail address of the account, or what was typed in its place. */
  readonly account: string;
}
