import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

const iterations = 4096;

/**
 * Builds the verifier that PostgreSQL stores for a password (SCRAM-SHA-256, RFC 5803). The statement that sets the
 * password contains only the verifier, so PostgreSQL's log cannot contain the password. The verifier alone is not
 * enough to sign in.
 *
 * @param password SECRET: ASCII only, which needs no preparation (RFC 4013)
 */
export function buildVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${hmac('Server Key').toString('base64')}`;
}

/** Whether a verifier was made by `buildVerifier` from this password. */
export function matchesVerifier(password: string, verifier: string): boolean {
  const [, salt] = /^SCRAM-SHA-256\$\d+:([^$]+)\$/.exec(verifier) ?? [];
  return salt !== undefined && buildVerifier(password, Buffer.from(salt, 'base64')) === verifier;
}
