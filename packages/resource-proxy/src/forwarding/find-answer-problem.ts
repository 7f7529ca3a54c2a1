import type { IncomingHttpHeaders } from 'node:http';

/**
 * Looks for what makes an upstream's answer useless before any of its body is here: no vendor answers our operations
 * so, but what stands between us and the vendor may.
 *
 * @returns a word for the log; undefined for an answer that can be passed on, or told as an error
 */
export function findAnswerProblem(status: number, headers: IncomingHttpHeaders): string | undefined {
  // Others are no statuses of HTTP (RFC 9110 section 15): clients take them for anything.
  if (!(status >= 200 && status <= 599)) return 'status';
  // Without a body there is neither an answer nor its usage, and one that follows all the same is no part of it.
  if (status === 204 || status === 205) return 'no content';
  // A redirect followed would carry the key and the prompt to wherever it points.
  if (status >= 300 && status < 400) return 'redirect';
  const encoding = headers['content-encoding'];
  return encoding === undefined || encoding === 'identity' ? undefined : 'encoded answer';
}
