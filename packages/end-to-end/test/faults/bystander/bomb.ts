/** What the attackers have got: tokens of two accounts, and of grants that ended. */
export interface Target {
  /** The one proxy that everybody uses. */
  readonly port: number;
  /** SECRET. Of two grants of each of two accounts, which may do everything. */
  readonly live: readonly string[];
  /** SECRET. Of a grant that has used all its requests. */
  readonly exhausted: string;
  /** SECRET. Of a grant that was revoked. */
  readonly revoked: string;
}

/** One attack, for as long as it lasts. */
export interface Attack {
  readonly target: Target;
  readonly isOver: () => boolean;
  /** Resolves when it is over. */
  readonly over: Promise<void>;
  /** Told of every answer's status, or of what came instead. */
  readonly note: (what: string) => void;
}

export interface Bomb {
  readonly name: string;
  /** Whether the short form of the experiment, in `npm test`, has it too. */
  readonly isShort?: boolean;
  readonly throw: (attack: Attack) => Promise<unknown>;
}
