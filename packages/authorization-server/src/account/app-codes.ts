import { Secret, TOTP } from 'otpauth';

const stepSeconds = 30;
/** The codes of the previous and the next time step are accepted too, because clocks differ (RFC 6238 section 5.2). */
const window = 1;
/** 160 bits, as RFC 4226 section 4 recommends. */
const secretBytes = 20;

/** @returns SECRET: a new secret for an authenticator app, in base32 */
export function makeAppSecret(): string {
  return new Secret({ size: secretBytes }).base32;
}

/** The URL in the QR code. SECRET: contains the secret. */
export function formatAppUrl(secret: string, email: string): string {
  return createTotp(secret, email).toString();
}

/** @returns the time step of a code; undefined when the code is wrong */
export function findCodeStep(secret: string, code: string, now: Date): bigint | undefined {
  const token = code.replaceAll(/\s/g, '');
  if (!/^\d{6}$/.test(token)) return undefined;
  const delta = createTotp(secret).validate({ token, timestamp: now.getTime(), window });
  return delta === null ? undefined : BigInt(Math.floor(now.getTime() / 1_000 / stepSeconds) + delta);
}

/** SHA-1, six digits and 30 seconds, because most apps support nothing else. */
function createTotp(secret: string, label = ''): TOTP {
  const parameters = { algorithm: 'SHA1', digits: 6, period: stepSeconds } as const;
  return new TOTP({ ...parameters, issuer: 'AIPassport', label, secret: Secret.fromBase32(secret) });
}
