import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '@aipassport/store';
import {
  type AdmissionRequest,
  clearKeyRefusals,
  clearOperatorKeyRefusal,
  noteKeyRefusals,
  noteOperatorKeyRefusal,
} from '@aipassport/store/proxying';
import type { Logger } from 'pino';
import type { ProviderKey } from './provider-keys.js';

export interface KeyRefusalRecorderOptions {
  readonly db: Database;
  readonly log: Logger;
  /** Returns the present name of this process in the database. */
  readonly replicaId: () => string;
}

/** The pause after each write of notes. */
export const pauseMilliseconds = 1_000;

/** The status and the error code of the vendor's refusal, or `accepted`. */
type Verdict = string;
const accepted: Verdict = 'accepted';

type Use = Pick<AdmissionRequest, 'accountId' | 'upstream'>;

/** What the vendor last said about a provider key. */
interface Note {
  readonly providerKey: ProviderKey;
  readonly use: Use;
  readonly verdict: Verdict;
}

/**
 * Notes, for the owner of each provider key or for the operator, whether the vendor's last answer refused the provider
 * key. No request waits until a note is written. The notes about all provider keys are written together. Only the
 * newest note about a provider key is written; otherwise a client could cause a write with each request, by alternating
 * requests that the vendor refuses with requests that it serves.
 *
 * A success is written even if this process wrote the same before, because another process may have noted a refusal
 * since.
 */
export class KeyRefusalRecorder {
  readonly #options: KeyRefusalRecorderOptions;
  /** For each provider key, the newest note that is not written yet. */
  readonly #waiting = new Map<string, Note>();
  #writing: Promise<void> | undefined;
  readonly #closing = new AbortController();

  constructor(options: KeyRefusalRecorderOptions) {
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
    this.#note({ providerKey, use, verdict: `${status} ${code}`.trim() });
  }

  /**
   * Notes that the vendor has served a request with the provider key, which removes the note of the last refusal. The
   * operator's provider key has a note for each process, and only the note of this process is removed.
   */
  noteSuccess(providerKey: ProviderKey, use: Use): void {
    this.#note({ providerKey, use, verdict: accepted });
  }

  /** Writes the last notes at once. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#writing;
  }

  #note(note: Note): void {
    const name = nameOf(note.providerKey, note.use);
    if (name === undefined) return;
    this.#waiting.set(name, note);
    this.#writing ??= this.#writeWaiting();
  }

  async #writeWaiting(): Promise<void> {
    while (this.#waiting.size > 0) {
      const notes = [...this.#waiting.values()];
      this.#waiting.clear();
      await this.#write(notes).catch((error: unknown) => {
        const text = 'whether provider keys were refused could not be recorded for their owners';
        this.#options.log.warn({ event: 'provider_key_refusal_not_noted', err: error }, text);
      });
      await sleep(pauseMilliseconds, undefined, { ref: false, signal: this.#closing.signal }).catch(() => undefined);
    }
    this.#writing = undefined;
  }

  async #write(notes: readonly Note[]): Promise<void> {
    const { db } = this.#options;
    const ofOwners = notes.flatMap(({ providerKey: { id }, use: { accountId, upstream }, verdict }) =>
      id === undefined ? [] : [{ id, accountId, upstream, reason: verdict }],
    );
    const [cleared, refused] = [
      ofOwners.filter(({ reason }) => reason === accepted),
      ofOwners.filter(({ reason }) => reason !== accepted),
    ];
    if (cleared.length > 0) await clearKeyRefusals(db, cleared);
    if (refused.length > 0) await noteKeyRefusals(db, refused);
    for (const note of notes) if (note.providerKey.id === undefined) await this.#writeOfOperator(note);
  }

  #writeOfOperator({ use: { upstream }, verdict }: Note): Promise<void> {
    const { db, replicaId } = this.#options;
    const key = { replicaId: replicaId(), upstream };
    return verdict === accepted
      ? clearOperatorKeyRefusal(db, key)
      : noteOperatorKeyRefusal(db, { ...key, reason: verdict });
  }
}

/** @returns undefined for the simulated upstream, whose provider key has no owner */
function nameOf({ kind, id }: ProviderKey, { upstream }: Use): string | undefined {
  return kind === 'operator' ? `operator ${upstream}` : id;
}
