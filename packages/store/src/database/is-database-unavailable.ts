import { isError } from '@aipassport/contracts';
import { DatabaseRestored } from './require-mark.js';
import { isLoginRefused, readSqlState } from './sql-state.js';

/**
 * SQLSTATE classes and codes (PostgreSQL, appendix A) that describe the state of the database or of the connection, not
 * an error in the statement.
 */
const unavailable = [
  /^08/, // connection exception
  /^53/, // insufficient resources: disk full, too many connections
  /^57P/, // shutdown, crash, cannot connect now
  /^57014$/, // cancelled by the statement timeout
  /^55P03$/, // lock not available
  /^25006$/, // read-only: a standby, or a server that protects itself
  /^40(001|P01)$/, // serialization failure, deadlock
  /^58/, // system error
  /^(26000|42P05)$/, // a prepared statement is missing or exists already: a pooler has switched connections
];

/**
 * Whether a statement failed because the schema does not match this program: a function, table, type, column or right
 * is missing or has changed. This happens while a database is being migrated or restored, or when it is prepared after
 * the servers have started.
 */
export function isSchemaMismatch(error: unknown): boolean {
  return /^42(501|703|704|804|809|883|P01)$/.test(readSqlState(error) ?? '');
}

const networkCodes =
  /^(ECONN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ENOENT$|E[MN]FILE$|ERR_STREAM_|ERR_SOCKET_)/;
/** The certificate is not trusted, or is for another name (Node.js, `tls`). */
const tlsCodes = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA)/;
const driverMessages =
  /Connection terminated|timeout (expired|exceeded when trying to connect)|Query read timeout|is not queryable|Cannot use a pool after calling end|SSL connection|cached plan must not change/;

/**
 * Whether a statement failed because of the state of the database or of the connection to it, such as an outage, a
 * timeout or a deadlock. False when the statement itself was at fault. The servers answer 503 for these errors.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!isError(error)) return false;
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.some(isDatabaseUnavailable);
  const code = readSqlState(error) ?? '';
  return (
    isSchemaMismatch(error) ||
    isLoginRefused(error) ||
    error instanceof DatabaseRestored ||
    unavailable.some((pattern) => pattern.test(code)) ||
    networkCodes.test(code) ||
    tlsCodes.test(code) ||
    driverMessages.test(error.message)
  );
}
