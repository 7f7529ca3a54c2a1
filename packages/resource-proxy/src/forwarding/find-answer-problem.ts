import type { IncomingHttpHeaders } from 'node:http';

/**
 * Finds a problem in the status and headers of an upstream's answer, before its body is read. No vendor sends such an
 * answer to one of our operations, but an intermediary may.
 *
 * @returns the problem, as a word for the log; undefined when the answer can be passed on or reported as an error
 */
export function findAnswerProblem(status: number, headers: IncomingHttpHeaders): string | undefined {
  // Other numbers are not HTTP statuses (RFC 9110 section 15), and clients do not agree on their meaning.
  if (!(status >= 200 && status <= 599)) return 'status';
  // These statuses have no body, so there is neither an answer nor usage.
  if (status === 204 || status === 205) return 'no content';
  // Following a redirect would send the provider key and the prompt to another host.
  if (status >= 300 && status < 400) return 'redirect';
  const encoding = headers['content-encoding'];
  return encoding === undefined || encoding === 'identity' ? undefined : 'encoded answer';
}
