import type { IncomingHttpHeaders } from 'node:http';
import { upstreamApis } from '../upstreams/upstream-apis.js';

/**
 * The content types that are passed on. Any other type becomes `application/octet-stream`, so that no browser renders
 * an answer as a page.
 */
const contentTypePattern =
  /^(application\/json|text\/event-stream|text\/plain|text\/vtt|application\/x-subrip|audio\/(mpeg|mp3|mp4|m4a|aac|flac|x-flac|ogg|opus|wav|wave|x-wav|vnd\.wave|pcm|l16|webm|basic))(; ?charset=utf-8)?$/i;
/** Delay in seconds, or a date (RFC 9110 section 10.2.3). */
const retryAfterPattern = /^(\d{1,9}(\.\d{1,9})?|[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT)$/;
const passedOn: Readonly<Record<string, RegExp>> = {
  'content-length': /^\d{1,15}$/,
  'retry-after': retryAfterPattern,
  'retry-after-ms': /^\d{1,12}(\.\d{1,9})?$/,
  'x-should-retry': /^(true|false)$/,
  ...Object.fromEntries(Object.values(upstreamApis).flatMap(({ answerHeaders }) => Object.entries(answerHeaders))),
};
const requestIdPattern = /^[\w-]{1,128}$/;

/**
 * Chooses which of an upstream's headers the client gets. All headers that are not listed are dropped, such as cookies,
 * and headers that name the owner's organisation or project or show the owner's limits at the vendor.
 *
 * @param isSecret whether a value contains a secret that must not be passed on
 */
export function buildAnswerHeaders(
  headers: IncomingHttpHeaders,
  isSecret: (value: string) => boolean,
): Record<string, string> {
  const answer: Record<string, string> = { 'content-type': readContentType(headers['content-type']) };
  for (const name of Object.keys(passedOn)) {
    const value = headers[name];
    if (typeof value === 'string' && passedOn[name]?.test(value) === true && !isSecret(value)) answer[name] = value;
  }
  // `x-request-id` is ours, so the vendor's identifier goes under another name. The vendor's support asks for that
  // identifier.
  const requestId = headers['x-request-id'] ?? headers['request-id'];
  if (typeof requestId === 'string' && requestIdPattern.test(requestId) && !isSecret(requestId))
    answer['x-upstream-request-id'] = requestId;
  return answer;
}

function readContentType(value: string | undefined): string {
  return value !== undefined && contentTypePattern.test(value) ? value : 'application/octet-stream';
}

export function isEventStream(headers: Readonly<Record<string, string>>): boolean {
  return headers['content-type']?.toLowerCase().startsWith('text/event-stream') === true;
}
