import { hash, verify } from '@node-rs/argon2';
import pLimit from 'p-limit';
import { Denied } from '../denials/denial.js';

/** The parameters of Argon2id (RFC 9106). Each try takes about 100 ms and 64 MiB, for us and for an attacker. */
const parameters = { memoryCost: 65_536, timeCost: 3, parallelism: 1 } as const;
const currentPrefix = `$argon2id$v=19$m=${parameters.memoryCost},t=${parameters.timeCost},p=${parameters.parallelism}$`;

/** Limits the memory and processors that hashing takes from the rest of the server. */
const maxAtATime = 2;
const maxWaiting = 50;

export interface Passwords {
  /**
   * @param password UTF-8. SECRET: not kept
   * @throws Denied 429 when too many passwords are being hashed
   */
  readonly hash: (password: Uint8Array) => Promise<string>;
  /**
   * Takes the same time for every account, even for one that does not exist (`undefined`) or has no password (the empty
   * text).
   * @param password UTF-8. SECRET: not kept
   * @throws Denied 429 when too many passwords are being hashed
   */
  readonly verify: (passwordHash: string | undefined, password: Uint8Array) => Promise<boolean>;
}

export async function createPasswords(): Promise<Passwords> {
  const limit = pLimit(maxAtATime);
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    if (limit.pendingCount >= maxWaiting) throw busy();
    return limit(work);
  };
  const placeholderHash = await hash('nobody has this password', parameters);
  return {
    hash: (password) => run(() => hash(normalize(password), parameters)),
    verify: async (passwordHash, password) => {
      const hasPassword = passwordHash !== undefined && passwordHash !== '';
      const matches = await run(() => verify(hasPassword ? passwordHash : placeholderHash, normalize(password)));
      return matches && hasPassword;
    },
  };
}

/** Whether a password that has just been verified should be hashed again with the current parameters. */
export function isOutdatedHash(passwordHash: string): boolean {
  return !passwordHash.startsWith(currentPrefix);
}

/**
 * Normalises the password, because different keyboards may send different code points for the same letters. ASCII needs
 * no normalisation and never becomes a string.
 */
function normalize(password: Uint8Array): Uint8Array {
  return password.every((byte) => byte < 0x80) ? password : Buffer.from(decoder.decode(password).normalize('NFC'));
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function busy(): Denied {
  return new Denied({ reason: 'too_many_passwords' });
}
