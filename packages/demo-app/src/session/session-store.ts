import { randomBytes } from 'node:crypto';
import { createSession, type Session } from './session.js';

/** The sessions of this process. Their ids are 256 random bits: a person who knows an id can act as that browser. */
export class SessionStore {
  readonly #sessions = new Map<string, Session>();
  readonly #maxSessions: number;

  constructor(maxSessions = 1_000) {
    this.#maxSessions = maxSessions;
  }

  find(id: string | undefined): Session | undefined {
    const session = id === undefined ? undefined : this.#sessions.get(id);
    if (id === undefined || session === undefined) return undefined;
    // Moves the session to the end. A Map keeps insertion order, so its first entry is the session that was unused for
    // the longest time.
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    return session;
  }

  /** Adds a session. If there are too many sessions, the session that was unused for the longest time is removed. */
  insert(session: Session = createSession()): { readonly id: string; readonly session: Session } {
    const [oldestId] = this.#sessions.keys();
    if (this.#sessions.size >= this.#maxSessions && oldestId !== undefined) this.#sessions.delete(oldestId);
    const id = randomBytes(32).toString('base64url');
    this.#sessions.set(id, session);
    return { id, session };
  }

  /**
   * Gives a session a new id. This prevents session fixation: an id that an attacker planted before the owner came back
   * no longer works.
   * @returns the new id; undefined when there is no session with the old id
   */
  renewId(oldId: string): string | undefined {
    const session = this.#sessions.get(oldId);
    if (session === undefined) return undefined;
    this.#sessions.delete(oldId);
    return this.insert(session).id;
  }
}
