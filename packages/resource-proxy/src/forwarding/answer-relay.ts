import type { IncomingHttpHeaders } from 'node:http';
import type { Denial } from '../denials/denial.js';
import type { CutReason } from '../revocation/live-requests.js';
import { AnswerEnding } from './answer-ending.js';
import { AnswerForwarder } from './answer-forwarder.js';
import { AnswerProgress } from './answer-progress.js';
import { ClientSide } from './client-side.js';
import { describeFailure } from './describe-failure.js';
import { findAnswerProblem } from './find-answer-problem.js';
import type { Outcome } from './outcome.js';
import type { AnswerSink, AnswerSource, RelayOptions } from './relay-options.js';
import { UpstreamError } from './upstream-error.js';
import { UpstreamSide } from './upstream-side.js';

/**
 * Passes an upstream's answer on to the client, chunk by chunk. When the client leaves, the proxy may continue to read
 * the answer for a short time, and then the upstream request ends. When the upstream breaks off, the client gets an
 * error. A cut, for instance by a revocation, ends the upstream request and the answer.
 *
 * This class turns what happens into the events of `answer-states.ts`, which decides the step for each event. The parts
 * carry the steps out: `AnswerForwarder` passes the body on, `UpstreamError` reads an error, and `AnswerEnding` ends
 * the answer.
 */
export class AnswerRelay implements AnswerSink {
  readonly outcome: Promise<Outcome>;
  readonly #progress = new AnswerProgress();
  readonly #upstream: UpstreamSide;
  readonly #client: ClientSide;
  readonly #forwarder: AnswerForwarder;
  readonly #error: UpstreamError;
  readonly #ending: AnswerEnding;

  constructor(options: RelayOptions) {
    const { exchange, api, live, limits, now } = options;
    this.#upstream = new UpstreamSide(options);
    this.#client = new ClientSide({ response: exchange.response, live, limits, keepAlive: api.keepAlive, now });
    const parts = { progress: this.#progress, upstream: this.#upstream, client: this.#client };
    const onFailure = (error: unknown) => this.fail(describeFailure(error));
    this.#forwarder = new AnswerForwarder(options, { ...parts, onFailure });
    this.#error = new UpstreamError(options);
    this.#ending = new AnswerEnding(options, { ...parts, forwarder: this.#forwarder });
    this.outcome = this.#ending.outcome;
    live.onCut((reason) => this.#cut(reason));
  }

  get isDone(): boolean {
    return this.#progress.isDone;
  }

  attach(source: AnswerSource): void {
    this.#upstream.attach(source);
    if (this.isDone) source.abort();
  }

  /** From now on the upstream may have seen bytes of the request. */
  markReached(): void {
    this.#upstream.markReached();
  }

  /** The upstream's status and headers have arrived. */
  start(status: number, headers: IncomingHttpHeaders): void {
    this.#upstream.noteStatus(status);
    const problem = findAnswerProblem(status, headers);
    if (problem !== undefined)
      return this.#ending.endEarly('nonsense_began', { reason: 'upstream_failed', detail: problem });
    this.#orFail(() => {
      const step = this.#progress.advance(status >= 400 ? 'error_began' : 'answer_began');
      if (step === 'begin') this.#forwarder.begin(headers);
      if (step === 'keep_error') this.#error.begin(headers);
    });
  }

  data(chunk: Buffer): void {
    if (this.#upstream.drain?.take(chunk.length) === false) return this.#ending.giveUp('client_left');
    const step = this.#progress.advance('chunk_came');
    if (step === 'gather') this.#forwarder.add(chunk);
    if (step === 'collect') this.#error.collect(chunk);
  }

  /** The upstream's answer has ended properly. */
  end(): void {
    this.#orFail(() => {
      const step = this.#progress.advance(this.#upstream.drain === undefined ? 'upstream_ended' : 'drain_ended');
      if (step === 'end_drain') this.#ending.endDrain();
      if (step === 'answer_error') this.#ending.answerError(this.#error.read(this.#upstream.status));
      if (step === 'end_answer') this.#ending.writeLast(this.#forwarder.passOnRest());
    });
  }

  /** The upstream failed, or could not be reached. */
  fail(denial: Denial): void {
    const reason = denial.reason === 'upstream_timeout' ? 'upstream_timeout' : 'upstream_failed';
    const forClient = this.#upstream.isReached ? denial : unreachable(denial);
    this.#ending.endEarly('upstream_failed', forClient, { reason, denial });
  }

  /** The client's own upload turned out to be unacceptable while it was being forwarded. */
  failUpload(denial: Denial): void {
    this.#ending.endEarly('upload_failed', denial, { reason: 'body_refused', denial });
  }

  #cut(reason: CutReason): void {
    const isDrained = reason === 'client_left' && this.#progress.advance('client_left') === 'drain' && this.#drain();
    if (!isDrained) this.#ending.giveUp(reason);
  }

  /** @returns whether the proxy continues to read the answer without its client */
  #drain(): boolean {
    if (!this.#upstream.beginDrain(() => this.#ending.giveUp('client_left'))) return false;
    this.#client.stopStallTimer();
    this.#forwarder.resume();
    return true;
  }

  /** Runs `work`. An unexpected error in it ends this request, and not the process. */
  #orFail(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fail(describeFailure(error));
    }
  }
}

function unreachable(denial: Denial): Denial {
  if (denial.reason === 'overloaded') return denial;
  return { reason: 'upstream_unreachable', detail: 'detail' in denial ? denial.detail : denial.reason };
}
