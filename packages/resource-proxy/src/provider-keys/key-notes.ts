import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '@aipassport/store';
import {
  type AdmissionRequest,
  clearKeyRefusal,
  clearOperatorKeyRefusal,
  noteKeyRefusal,
  noteOperatorKeyRefusal,
} from '@aipassport/store/proxying';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { ProviderKey } from './provider-keys.js';

export interface KeyNotesOptions {
  readonly db: Database;
  readonly log: Logger;
  /** Returns the present name of this process in the database. */
  readonly replicaId: () => string;
}

/** After each statement about a provider key, no other statement about it is sent for this time. */
export const pauseMilliseconds = 3_000;
/** For this time, a note that is already in the database is not written again. */
const keptMilliseconds = 60_000;

/** The status and the error code of the vendor's refusal, or `accepted`. */
type Note = string;
const accepted: Note = 'accepted';

/** A note that is being written, or was written less than `pauseMilliseconds` ago. */
interface Writing {
  /** The newest note. */
  wanted: Note;
  readonly ended: Promise<void>;
}

type Use = Pick<AdmissionRequest, 'accountId' | 'upstream'>;

/**
 * Records for the owner of each provider key, or for the operator, whether the vendor refused it last. No request waits
 * for this record. A client can choose requests that the vendor refuses and requests that it serves, in turn, so of the
 * notes about one provider key only the newest is written after each pause.
 */
export class KeyNotes {
  readonly #options: KeyNotesOptions;
  readonly #writing = new Map<string, Writing>();
  readonly #written = new LRUCache<string, Note>({ max: 10_000, ttl: keptMilliseconds });
  readonly #closing = new AbortController();

  constructor(options: KeyNotesOptions) {
    this.#options = options;
  }

  /**
   * Notes that the vendor refused the provider key, or refused a request because of a problem that only the owner of
   * the provider key can solve: see `settle.ts`.
   */
  noteRefusal(
    providerKey: ProviderKey,
    use: Use,
    { status, code = '' }: { readonly status: number; readonly code?: string | undefined },
  ): void {
    this.#note(providerKey, use, `${status} ${code}`.trim());
  }

  /**
   * Notes that the vendor has served a request with the provider key, which removes the record of the last refusal. If
   * another process has recorded that refusal, the first success more than a minute after this process's last note
   * removes the record. The
   * operator's provider key has a record for each process, and only the record of this process is removed.
   */
  noteSuccess(providerKey: ProviderKey, use: Use): void {
    this.#note(providerKey, use, accepted);
  }

  /** Writes the last notes at once. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#writing.values()].map(({ ended }) => ended));
  }

  #note(providerKey: ProviderKey, use: Use, note: Note): void {
    const name = nameOf(providerKey, use);
    if (name === undefined) return;
    const writing = this.#writing.get(name);
    if (writing !== undefined) writing.wanted = note;
    else if (this.#written.get(name) !== note) {
      const write = (newest: Note) => this.#write(providerKey, use, newest);
      this.#writing.set(name, { wanted: note, ended: this.#writeUntilCurrent(name, note, write) });
    }
  }

  async #writeUntilCurrent(name: string, first: Note, write: (note: Note) => Promise<void>): Promise<void> {
    for (let note: Note | undefined = first; note !== undefined; note = this.#takeNewer(name, note)) {
      try {
        await write(note);
        this.#written.set(name, note);
      } catch (error) {
        this.#written.delete(name); // the next note is written
        const text = 'whether a provider key was refused could not be recorded for its owner';
        this.#options.log.warn({ event: 'provider_key_refusal_not_noted', err: error }, text);
      }
      await sleep(pauseMilliseconds, undefined, { ref: false, signal: this.#closing.signal }).catch(() => undefined);
    }
  }

  /** @returns undefined when this note is the newest; nothing is being written then */
  #takeNewer(name: string, note: Note): Note | undefined {
    const wanted = this.#writing.get(name)?.wanted;
    if (wanted !== note) return wanted;
    this.#writing.delete(name);
    return undefined;
  }

  #write({ id }: ProviderKey, { accountId, upstream }: Use, note: Note): Promise<void> {
    const { db, replicaId } = this.#options;
    if (id === undefined) {
      const key = { replicaId: replicaId(), upstream };
      return note === accepted
        ? clearOperatorKeyRefusal(db, key)
        : noteOperatorKeyRefusal(db, { ...key, reason: note });
    }
    const key = { id, accountId, upstream };
    return note === accepted ? clearKeyRefusal(db, key) : noteKeyRefusal(db, { ...key, reason: note });
  }
}

/** @returns undefined for the simulated upstream, whose provider key has no owner */
function nameOf({ kind, id }: ProviderKey, { upstream }: Use): string | undefined {
  return kind === 'operator' ? `operator ${upstream}` : id;
}
