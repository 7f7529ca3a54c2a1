import type { Dispatcher } from 'undici';
import type { AnswerRelay } from './answer-relay.js';
import { describeFailure } from './describe-failure.js';

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
          outlivesClient: true,
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
