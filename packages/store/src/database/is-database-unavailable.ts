import { isError } from '@aipassport/contracts';

/** SQLSTATE classes and codes (PostgreSQL, appendix A) that speak of the server's state, not of the statement. */
const unavailable = [
  /^08/, // connection exception
  /^53/, // insufficient resources: disk full, too many connections
  /^57P/, // shutdown, crash, cannot connect now
  /^57014$/, // cancelled by the statement timeout
  /^55P03$/, // lock not available
  /^25006$/, // read-only: a standby, or a server that protects itself
  /^40(001|P01)$/, // serialization failure, deadlock
  /^58/, // system error
];

const networkCodes =
  /^(ECONN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ENOENT$|E[MN]FILE$|ERR_STREAM_|ERR_SOCKET_)/;
const driverMessages =
  /Connection terminated|timeout (expired|exceeded when trying to connect)|Query read timeout|is not queryable|Cannot use a pool after calling end/;

/** Whether the database could not answer, as opposed to having refused a statement: the caller answers 503, and nothing else. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!isError(error)) return false;
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.some(isDatabaseUnavailable);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    unavailable.some((pattern) => pattern.test(code)) || networkCodes.test(code) || driverMessages.test(error.message)
  );
}
