import { type AuditKeys, nameAuditKey } from '@aipassport/store';
import { parseCookieKeys } from './parse-cookie-keys.js';

/** Parses a file with the keys that seal the audit log. It has the format of the file with the cookie keys. */
export function parseAuditKeys(json: unknown): AuditKeys {
  const [first, ...others] = parseCookieKeys(json);
  return [nameAuditKey(first), ...others.map(nameAuditKey)];
}
