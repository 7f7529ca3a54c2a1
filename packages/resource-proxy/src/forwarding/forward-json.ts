import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { freeBytes, type UnsharedBytes } from '../free-bytes.js';
import { describeFailure } from './describe-failure.js';
import { type PacedSource, paceSource } from './paced-source.js';
import type { AnswerSink } from './relay-options.js';

export interface JsonForward {
  readonly dispatcher: Dispatcher;
  readonly origin: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers: Record<string, string>;
  /** Undefined for a request without a body. */
  readonly body: Buffer | undefined;
  /**
   * Called when a body that is larger than `maxKeptBytes` has been sent, or will not be sent, and its memory is free.
   */
  readonly onSent: () => void;
  readonly answerTimeoutMilliseconds: number;
  readonly idleTimeoutMilliseconds: number;
}

/** An answer may take minutes. A body that is larger than this size is not kept in memory until the answer arrives. */
const maxKeptBytes = 65_536;
const pieceBytes = 65_536;

/** Sends a whole body and relays the answer. Redirects are not followed, and nothing is sent twice. */
export function forwardJson(relay: AnswerSink, forward: JsonForward): void {
  const { dispatcher, origin, method, path, headers, body, onSent } = forward;
  let source: PacedSource | undefined;
  dispatcher.dispatch(
    {
      origin,
      path,
      method,
      // Without a body, undici writes the content length if the method needs one.
      headers: body === undefined ? headers : { ...headers, 'content-length': String(body.length) },
      body: body === undefined || body.length <= maxKeptBytes ? (body ?? null) : streamOnce(body, onSent),
      headersTimeout: forward.answerTimeoutMilliseconds,
      bodyTimeout: forward.idleTimeoutMilliseconds,
    },
    {
      // Called when there is a connection, right before the first byte is written to it.
      onRequestStart: (controller) => {
        source = paceSource(controller);
        relay.attach({
          pause: source.pause,
          resume: source.resume,
          abort: () => controller.abort(new Error('aborted')),
          outlivesClient: true,
        });
        if (!relay.isDone) relay.markReached();
      },
      onResponseStart: (_controller, status, answerHeaders) => {
        if (status >= 200) relay.start(status, answerHeaders);
      },
      onResponseData: (_controller, chunk) => {
        relay.data(chunk);
        source?.note(chunk);
      },
      onResponseEnd: () => relay.end(),
      onResponseError: (_controller, error) => relay.fail(describeFailure(error)),
    },
  );
}

/** Sends copies of the body's pieces, so that the memory of the body can be freed after the last piece. */
function streamOnce(body: Buffer, onSent: () => void): Readable {
  let rest: Buffer | undefined = body;
  return new Readable({
    highWaterMark: pieceBytes,
    read() {
      const piece = rest === undefined || rest.length === 0 ? null : Buffer.from(rest.subarray(0, pieceBytes));
      rest = rest?.subarray(pieceBytes);
      this.push(piece);
    },
  }).once('close', () => {
    if (rest?.buffer instanceof ArrayBuffer) freeBytes(rest as UnsharedBytes);
    rest = undefined;
    onSent();
  });
}
