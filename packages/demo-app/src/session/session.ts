import type { Explanation } from '../../browser/chat-event.js';
import type { Connection } from '../oauth/connection.js';

/** The state that this app keeps for one browser. The browser itself has only the session's id, in a cookie. */
export interface Session {
  /** Authorization requests that were sent and have no answer yet, by `state`. */
  readonly pendingAuthorizations: Map<string, PendingAuthorization>;
  /** undefined until an owner has allowed access, and again after the access ended. */
  connection: Connection | undefined;
  conversation: readonly Message[];
  /** The model of the last question. It is chosen again when the page is reloaded. */
  modelId: string | undefined;
  /** Shown once, on the next page. */
  notice: Explanation | undefined;
  /** Stops the answer that is being written, if there is one: a new question ends the previous answer. */
  stopAnswer: () => void;
}

export interface PendingAuthorization {
  /** SECRET: the PKCE code verifier (RFC 7636), never logged. */
  readonly codeVerifier: string;
  /** The scope that was asked for. */
  readonly scope: readonly string[];
}

export interface Message {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

export function createSession(): Session {
  return {
    pendingAuthorizations: new Map(),
    connection: undefined,
    conversation: [],
    modelId: undefined,
    notice: undefined,
    stopAnswer: () => {},
  };
}
