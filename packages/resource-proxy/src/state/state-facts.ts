import type { FoundObject } from '@aipassport/store/proxying';

/**
 * The known facts about the state that a vendor stores for a grant. They are plain data, because they are passed to
 * other threads.
 */
export interface StateTerms {
  /**
   * Whether anything may be stored for the grant. Nothing is stored with the operator's provider key, which serves many
   * accounts.
   */
  readonly isKept: boolean;
  /**
   * The objects that the body names and that are stored for the grant; undefined while they have not been looked up.
   */
  readonly found: readonly FoundObject[] | undefined;
}

/** How a body uses stored state. */
export interface StateFacts {
  /** Names that must be looked up before the body can be checked. */
  readonly unresolved: readonly string[];
  /** Whether the vendor stores the answer. */
  readonly isStored: boolean;
  /** Whether the client wants the answer to be stored but the vendor will not store it. */
  readonly isStoreDropped: boolean;
  /** Whether the vendor continues when the connection ends. */
  readonly isBackground: boolean;
  readonly conversationId: string | undefined;
  /** The tokens of the conversation when it was looked up. */
  readonly conversationTokens: number;
  /** Whether the request must be sent with the owner's own provider key, with which everything was stored. */
  readonly needsOwnKey: boolean;
  /** The maximum number of tokens in the stored part of the input. */
  readonly tokens: number;
  /** The maximum number of pictures in the stored part of the input. */
  readonly pictures: number;
  /** The pictures of the body itself. */
  readonly ownPictures: number;
  /**
   * Whether the vendor may leave out input that does not fit into the model's context window. The vendor still stores
   * it.
   */
  readonly mayCut: boolean;
}

/** The facts of a body that does not involve stored state. */
export const stateless: StateFacts = {
  unresolved: [],
  isStored: false,
  isStoreDropped: false,
  isBackground: false,
  conversationId: undefined,
  conversationTokens: 0,
  needsOwnKey: false,
  tokens: 0,
  pictures: 0,
  ownPictures: 0,
  mayCut: false,
};

/** The tokens of a stored object whose size is unknown. It is more than any model reads. */
export const unknownTokens = 10_000_000;

/** The form of a vendor's name for a stored object. No other name is looked up or sent. */
const namePattern = /^[A-Za-z0-9_-]{1,128}$/;

export function isStateName(value: unknown): value is string {
  return typeof value === 'string' && namePattern.test(value);
}
