/** The proxy that is attacked, and the access tokens that the attackers use. */
export interface Target {
  /** The port of the proxy, which the attackers share with the other clients. */
  readonly port: number;
  /** SECRET. Tokens of live grants: two grants of each of two accounts. */
  readonly live: readonly string[];
  /** SECRET. A token of a grant that has used all its requests. */
  readonly exhausted: string;
  /** SECRET. A token of a revoked grant. */
  readonly revoked: string;
}

/** One attack while it runs. */
export interface Attack {
  readonly target: Target;
  readonly isOver: () => boolean;
  /** Resolves when the attack is over. */
  readonly over: Promise<void>;
  /** Called with each answer's status, or with the error if there was no answer. */
  readonly note: (what: string) => void;
}

export interface Bomb {
  readonly name: string;
  /**
   * The status of the answers if the attack reaches the code that it is for; undefined if it gets no answer. Besides,
   * a proxy that has too much to do may answer 429 or 503.
   */
  readonly status?: number;
  /** Whether the short experiment in `npm test` includes this attack. */
  readonly isShort?: boolean;
  readonly throw: (attack: Attack) => Promise<unknown>;
}
