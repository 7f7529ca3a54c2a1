import type { Database } from '@aipassport/store';
import { uncountAttempt } from '@aipassport/store/authorization';
import { networkOf, requireFew } from '../account/guessing-limits.js';

const windowSeconds = 15 * 60;
const perAccount = 5;
const perNetwork = 9;
/**
 * This limit counts the guesses of all owners together, because an attacker may have many accounts and IP addresses.
 * There are 20^8 user codes. At this rate, guessing one of a thousand user codes that are in use takes 19 weeks on
 * average. A guesser who finds one can only give the stranger’s terminal access to the guesser’s own account.
 */
const perWindow = 2_000;

export interface Guesser {
  readonly accountId: string;
  readonly ipAddress: string;
}

/**
 * Counts an entered user code as a guess, across all replicas, and refuses it when there were too many (RFC 8628
 * section 5.1).
 * @throws Denied
 */
export async function requireGuess(db: Database, guesser: Guesser): Promise<void> {
  for (const { key, limit } of listLimits(guesser)) await requireFew(db, { key, limit, windowSeconds });
}

/** Takes the guess off the counts, because the user code was right. */
export async function forgetGuess(db: Database, guesser: Guesser): Promise<void> {
  for (const { key } of listLimits(guesser)) await uncountAttempt(db, key);
}

function listLimits({ accountId, ipAddress }: Guesser) {
  return [
    { key: `user-code:account:${accountId}`, limit: perAccount },
    { key: `user-code:network:${networkOf(ipAddress)}`, limit: perNetwork },
    { key: 'user-code:all', limit: perWindow },
  ];
}
