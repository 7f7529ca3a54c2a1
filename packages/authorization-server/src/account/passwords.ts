import { FairGate, GateFullError } from '@aipassport/contracts';
import { hash, verify } from '@node-rs/argon2';
import { Denied } from '../denials/denial.js';
import { guessesPerAccount } from './guessing-limits.js';
import type { HashQueueShare } from './hash-queue-share.js';

/** The parameters of Argon2id (RFC 9106). Each try takes about 100 ms and 64 MiB, for us and for an attacker. */
const parameters = { memoryCost: 65_536, timeCost: 3, parallelism: 1 } as const;
const currentPrefix = `$argon2id$v=19$m=${parameters.memoryCost},t=${parameters.timeCost},p=${parameters.parallelism}$`;

/** Limits the memory and processors that hashing takes from the rest of the server. */
const gateOptions = { maxUnderWay: 2, maxWaiting: 50 };
/**
 * How many passwords of one account may wait or be hashed at a time. Without this limit, guesses that come from many
 * networks could fill the queue.
 */
const maxOfAccount = guessesPerAccount;

export interface Passwords {
  /**
   * @param password UTF-8. SECRET: not kept
   * @throws Denied 429 when too many passwords are being hashed
   */
  readonly hash: (password: Uint8Array, share: HashQueueShare) => Promise<string>;
  /**
   * Takes the same time for every account, even for one that does not exist (`undefined`) or has no password (the empty
   * text).
   * @param password UTF-8. SECRET: not kept
   * @throws Denied 429 when too many passwords are being hashed
   */
  readonly verify: (passwordHash: string | undefined, password: Uint8Array, share: HashQueueShare) => Promise<boolean>;
}

export async function createPasswords(): Promise<Passwords> {
  const run = createQueue();
  const placeholderHash = await hash('nobody has this password', parameters);
  return {
    hash: (password, share) => run(share, () => hash(normalize(password), parameters)),
    verify: async (passwordHash, password, share) => {
      const hasPassword = passwordHash !== undefined && passwordHash !== '';
      const matches = await run(share, () => verify(hasPassword ? passwordHash : placeholderHash, normalize(password)));
      return matches && hasPassword;
    },
  };
}

/** Whether a password that has just been verified should be hashed again with the current parameters. */
export function isOutdatedHash(passwordHash: string): boolean {
  return !passwordHash.startsWith(currentPrefix);
}

type Queue = <T>(share: HashQueueShare, work: () => Promise<T>) => Promise<T>;

function createQueue(): Queue {
  const gate = new FairGate(gateOptions);
  const ofAccount = new Map<string, number>();
  return async ({ network, account }, work) => {
    const others = ofAccount.get(account) ?? 0;
    if (others >= maxOfAccount) throw busy();
    ofAccount.set(account, others + 1);
    try {
      return await gate.run(network, work);
    } catch (error) {
      throw error instanceof GateFullError ? busy() : error;
    } finally {
      const rest = (ofAccount.get(account) ?? 0) - 1;
      if (rest > 0) ofAccount.set(account, rest);
      else ofAccount.delete(account);
    }
  };
}

/**
 * Normalises the password, because different keyboards may send different code points for the same letters. A password
 * in ASCII needs no normalisation, so it is not copied into a string, which nothing could overwrite.
 */
function normalize(password: Uint8Array): Uint8Array {
  return password.every((byte) => byte < 0x80) ? password : Buffer.from(decoder.decode(password).normalize('NFC'));
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function busy(): Denied {
  return new Denied({ reason: 'too_many_passwords' });
}
