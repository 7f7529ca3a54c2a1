import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { Database } from '../src/index.js';
import { admitRequests, settleRequests } from '../src/proxying/index.js';

export interface Admissions {
  /** @returns the duration of the slowest admission; throws the error of one that failed */
  readonly end: () => Promise<number>;
}

/** Admits and settles requests of one grant, one after the other, as the replica `one`. */
export function keepAdmitting(proxy: Database, grantId: string): Admissions {
  let isOver = false;
  let longest = 0;
  const admitAll = async () => {
    while (!isOver) {
      const startedAt = performance.now();
      const requestId = randomUUID();
      const request = {
        requestId,
        grantId,
        accountId: 'of-nobody',
        estimate: 10n,
        floor: 1n,
        tokens: 1,
        isStream: false,
      };
      const operation = { upstream: 'openai', model: 'gpt-4o', operation: 'openai.chat/completions' };
      const requests = [{ ...request, ...operation }];
      const [admission] = await admitRequests(proxy, { replicaId: 'one', catalogueVersion: 'test', requests });
      expect(admission?.verdict).toBe('admitted');
      longest = Math.max(longest, performance.now() - startedAt);
      await settleRequests(proxy, [{ requestId, grantId, accountId: 'of-nobody', settlement: 'reported', cost: 5n }]);
      await sleep(5);
    }
  };
  const done = admitAll();
  done.catch(() => undefined);
  return {
    end: async () => {
      isOver = true;
      await done;
      return longest;
    },
  };
}
