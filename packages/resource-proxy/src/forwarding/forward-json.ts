import { type Dispatcher, errors } from 'undici';
import type { Denial } from '../denials/denial.js';
import type { AnswerRelay } from './answer-relay.js';

export interface JsonForward {
  readonly dispatcher: Dispatcher;
  readonly origin: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
  readonly answerTimeoutMilliseconds: number;
  readonly idleTimeoutMilliseconds: number;
}

/** Sends a whole body and relays the answer. Redirects are not followed, and nothing is sent twice. */
export function forwardJson(relay: AnswerRelay, forward: JsonForward): void {
  const { dispatcher, origin, path, headers, body } = forward;
  dispatcher.dispatch(
    {
      origin,
      path,
      method: 'POST',
      headers,
      body,
      headersTimeout: forward.answerTimeoutMilliseconds,
      bodyTimeout: forward.idleTimeoutMilliseconds,
    },
    {
      // Called when there is a connection, right before the first byte is written to it.
      onRequestStart: (controller) => {
        relay.attach({
          pause: () => controller.pause(),
          resume: () => controller.resume(),
          abort: () => controller.abort(new Error('aborted')),
        });
        if (!relay.isDone) relay.markReached();
      },
      onResponseStart: (_controller, status, answerHeaders) => {
        if (status >= 200) relay.start(status, answerHeaders);
      },
      onResponseData: (_controller, chunk) => relay.data(chunk),
      onResponseEnd: () => relay.end(),
      onResponseError: (_controller, error) => relay.fail(describeFailure(error)),
    },
  );
}

function describeFailure(error: Error): Denial {
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) {
    return { reason: 'upstream_timeout' };
  }
  const detail = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return { reason: 'upstream_failed', detail };
}
