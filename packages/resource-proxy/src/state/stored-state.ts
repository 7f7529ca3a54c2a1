import type { JsonObject, OperationId } from '@aipassport/policy';
import type { StoredKind, StoredObject } from '@aipassport/store/proxying';
import type { JsonValue } from '../json/read-strict-json.js';
import type { UsageReading } from '../metering/usage-reading.js';

/** A new object that an answer names. */
export type NamedObject = Pick<StoredObject, 'id' | 'kind' | 'parentId' | 'outputTokens'> & {
  /** Undefined while the number is not known. */
  readonly tokens?: number;
};

/** The changes of stored state that an answer reports. */
export interface StateChanges {
  readonly objects: readonly NamedObject[];
  /** The current state of a response. */
  readonly response?: StoredResponse;
}

export const noStateChanges: StateChanges = { objects: [] };

/** A response that a vendor stores, as it is now. */
export interface StoredResponse {
  /** Undefined when the vendor's value does not have the form of a stored object's name. */
  readonly id: string | undefined;
  /** Whether the response has ended, so that its usage does not change any more. */
  readonly isFinal: boolean;
  /** Whether the vendor writes the response in the background, without a connection. */
  readonly isBackground: boolean;
  /** The conversation to which the response is added. */
  readonly conversationId: string | undefined;
  /**
   * Whether the usage of the response may leave out a part of the conversation, because the model did not read that
   * part.
   */
  readonly mayBeCut: boolean;
  readonly readOutcome: () => ResponseOutcome;
}

/** The output and the usage of a response that has ended. */
export interface ResponseOutcome {
  readonly reading: UsageReading;
  /** Whether the response failed before it had any output. */
  readonly isEmptyFailure: boolean;
  /** The size of the whole output. */
  readonly outputBytes: number;
  /**
   * The size of the text that the model certainly wrote. If the reported usage is too small for this text, the usage is
   * not trusted.
   */
  readonly textBytes: number;
}

/** The items of a request that changes a conversation. */
export interface StoredItems {
  /** The items as they are sent to the vendor. */
  readonly items: JsonValue;
  /** The maximum number of tokens of the pictures and documents in the items. */
  readonly mediaTokens: number;
  readonly pictures: number;
}

/** Reads the names of stored objects from an answer that is one JSON object, or from one event of a stream. */
export type StateReader = (value: JsonObject) => StateChanges;

/** The formats of stored objects in the answers and the requests of one dialect. */
export interface StoredState {
  /** The days for which the proxy remembers an object. For a conversation they begin at its last use. */
  readonly keptDays: Readonly<Record<StoredKind, number>>;
  /** @param parentId the response or the conversation that the path names; undefined when the path names none */
  readonly createReader: (operationId: OperationId, parentId: string | undefined) => StateReader;
  /** Reads a response that is one JSON object. */
  readonly readResponse: (response: JsonObject) => StoredResponse;
  /**
   * Reads the items for a conversation. Makes each item self-contained: removes the identifiers of stored objects.
   * @param added more item types that may be sent, because the operator declares that they refer to no stored object
   * @throws Denied for an item that refers to a stored object
   */
  readonly readItems: (items: JsonValue, added: ReadonlySet<string>) => StoredItems;
}
