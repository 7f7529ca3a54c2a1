/**
 * The network that sent a password, and the account that it is for. The queue serves the networks in turn, and limits
 * the places of one account.
 */
export interface Asker {
  readonly network: string;
  /** The e-mail address of the account, or what was typed in its place. */
  readonly account: string;
}
