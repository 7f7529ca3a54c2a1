import type { Database } from '@aipassport/store';
import { type GrantState, listGrantStates } from '@aipassport/store/proxying';
import { type Batcher, createBatcher } from '../create-batcher.js';
import { Denied } from '../denials/denial.js';
import { denialOfEnd } from '../denials/denial-of-end.js';

/** The longest time that a check waits for its batch. It is the same for the admission, which follows the check. */
const maxWaitMilliseconds = 1_000;

/** Checks grants before large bodies are read. Concurrent checks share one statement. */
export class OpenGrants {
  readonly #issuer: string;
  readonly #find: Batcher<string, GrantState>;

  constructor(db: Database, issuer: string) {
    this.#issuer = issuer;
    this.#find = createBatcher((grantIds: readonly string[]) => listGrantStates(db, grantIds), {
      maxWaitMilliseconds,
      refuse: () => new Denied({ reason: 'overloaded' }),
    });
  }

  /**
   * Checks the grant without counting or admitting the request. The admission checks the grant again.
   * @throws Denied when the grant has ended or is used up
   */
  async require(grantId: string): Promise<void> {
    const state = await this.#find(grantId);
    if (state !== 'open') throw new Denied(denialOfEnd(state, { issuer: this.#issuer, grantId }));
  }
}
