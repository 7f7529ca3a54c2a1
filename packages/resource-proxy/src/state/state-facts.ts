import type { FoundObject } from '@aipassport/store/proxying';

/** What is known of the state that a vendor keeps for a grant. Plain data, because it goes to another thread. */
export interface StateTerms {
  /** Whether anything is stored for the grant: not with a key of the operator's, which serves many accounts. */
  readonly isKept: boolean;
  /** Of what the body names, what is stored for the grant; undefined: not looked up yet. */
  readonly found: readonly FoundObject[] | undefined;
}

/** What a body wants of stored state. */
export interface StateFacts {
  /** Names that must be looked up before the body can be judged. */
  readonly unresolved: readonly string[];
  /** Whether the vendor stores the answer. */
  readonly isStored: boolean;
  /** Whether the client wants that, and does not get it. */
  readonly isStoreDropped: boolean;
  /** Whether the vendor goes on without a connection. */
  readonly isBackground: boolean;
  readonly conversationId: string | undefined;
  /** What the conversation counted when it was looked up. */
  readonly conversationTokens: number;
  /** Whether it must go out with the owner's own key, with which everything was stored. */
  readonly needsOwnKey: boolean;
  /** What the stored part of the input counts, at most. */
  readonly tokens: number;
  /** The pictures in that, at most. */
  readonly pictures: number;
  /** The pictures of the body itself. */
  readonly ownPictures: number;
  /** Whether the vendor may leave out what does not fit into the model's window. It keeps that all the same. */
  readonly mayCut: boolean;
}

/** A body that has nothing to do with stored state. */
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

/** More than any model reads: of what is stored, and by nothing known to weigh less. */
export const unknownTokens = 10_000_000;

/** A vendor's name for something that it stores. Nothing else is looked up or sent. */
const namePattern = /^[A-Za-z0-9_-]{1,128}$/;

export function isStateName(value: unknown): value is string {
  return typeof value === 'string' && namePattern.test(value);
}
