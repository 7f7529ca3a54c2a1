import type { Database } from '../database/open-database.js';
import { addRefusals } from './add-refusals.js';
import type { CountedRefusal, Refusal } from './refusal.js';

/**
 * The most subjects that are counted separately. All further ones share one count for each event and reason, so a flood
 * of refusals needs little memory and few rows.
 */
const maxSubjects = 10_000;

/**
 * Counts refusals in the memory of one server, until `flush` adds them to the counts in the database. So a refusal
 * costs no statement. If the server is killed, the refusals of the last seconds are not counted.
 */
export class RefusalCounts {
  #counted = new Map<string, CountedRefusal>();

  count(refusal: Refusal): void {
    this.#add({ ...refusal, count: 1 });
  }

  /** Adds the counts to the database. If that fails, they are kept for the next call. */
  async flush(db: Database): Promise<void> {
    const counted = [...this.#counted.values()];
    this.#counted = new Map();
    try {
      await addRefusals(db, counted);
    } catch (error) {
      for (const each of counted) this.#add(each);
      throw error;
    }
  }

  #add(counted: CountedRefusal): void {
    const { event, reason, requestId, ipAddress } = counted;
    const key = nameSubject(counted);
    const isNew = this.#counted.size >= maxSubjects && !this.#counted.has(key);
    const subject = isNew ? { event, reason, requestId, ipAddress, count: counted.count } : counted;
    const name = isNew ? nameSubject(subject) : key;
    const count = (this.#counted.get(name)?.count ?? 0) + counted.count;
    this.#counted.set(name, { ...subject, count });
  }
}

function nameSubject({ event, reason, accountId, email, clientId, grantId }: Omit<Refusal, 'requestId'>): string {
  return JSON.stringify([event, reason, accountId, email, clientId, grantId]);
}
