import type { IncomingHttpHeaders } from 'node:http';
import type { Denial } from '../denials/denial.js';
import { describeDenial } from '../denials/describe-denial.js';
import type { CutReason } from '../revocation/live-requests.js';
import type { Drain } from './answer-drains.js';
import { AnswerPassage } from './answer-passage.js';
import { type AnswerEvent, type AnswerState, type AnswerStep, findTransition } from './answer-states.js';
import { ClientSide } from './client-side.js';
import { denialOfCut } from './denial-of-cut.js';
import { describeFailure } from './describe-failure.js';
import { findAnswerProblem } from './find-answer-problem.js';
import type { Outcome } from './outcome.js';
import type { AnswerSource, RelayOptions } from './relay-options.js';
import { UpstreamError } from './upstream-error.js';

type BreakReason = Extract<Outcome, { kind: 'broken' }>['reason'];

/**
 * Passes an upstream's answer on to the client, chunk by chunk. When the client leaves, the answer may be read on for a
 * short time, and then the upstream request ends. When the upstream breaks off, the client gets an error. A cut, for
 * instance by a revocation, ends the upstream request and the answer. `answer-states.ts` decides the step for each
 * event, and this class carries it out.
 */
export class AnswerRelay {
  readonly outcome: Promise<Outcome>;
  readonly #options: RelayOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #client: ClientSide;
  readonly #passage: AnswerPassage;
  readonly #error: UpstreamError;
  #resolve: (outcome: Outcome) => void = () => undefined;
  #state: AnswerState = 'waiting';
  #source: AnswerSource | undefined;
  #reached = false;
  #status = 0;
  #answerHeaders: Record<string, string> = {};
  /** Present when the client has left and the answer is read on for its usage. */
  #drain: Drain | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
    const { exchange, api, live, limits, now } = options;
    this.#client = new ClientSide({ response: exchange.response, live, limits, keepAlive: api.keepAlive, now });
    this.#passage = new AnswerPassage(options, this.#client);
    this.#error = new UpstreamError(options);
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#timer = setTimeout(() => live.cut('time_limit_reached'), limits.maxExchangeMilliseconds);
    live.onCut((reason) => this.#cut(reason));
  }

  get isDone(): boolean {
    return this.#state === 'done';
  }

  attach(source: AnswerSource): void {
    this.#source = source;
    this.#passage.attach(source);
    if (this.isDone) source.abort();
  }

  /** From now on the upstream may have seen bytes of the request. */
  markReached(): void {
    this.#reached = true;
    this.#options.exchange.sentAtMilliseconds ??= this.#options.now();
  }

  /** The upstream's status and headers have arrived. */
  start(status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#options.exchange.upstreamStatus = status;
    const problem = findAnswerProblem(status, headers);
    if (problem !== undefined) return this.#endWith('nonsense_began', { reason: 'upstream_failed', detail: problem });
    this.#orFail(() => {
      const step = this.#advance(status >= 400 ? 'error_began' : 'answer_began');
      if (step === 'begin') this.#begin(headers);
      if (step === 'keep_error') this.#keepError(headers);
    });
  }

  data(chunk: Buffer): void {
    if (this.#drain?.take(chunk.length) === false) return this.#giveUp('client_left');
    const step = this.#advance('chunk_came');
    if (step === 'collect') return this.#error.collect(chunk);
    if (step !== 'gather') return;
    this.#passage.add(chunk);
    this.#passOnSoon();
  }

  /** The upstream's answer has ended properly. */
  end(): void {
    this.#orFail(() => {
      const step = this.#advance(this.#drain === undefined ? 'upstream_ended' : 'drain_ended');
      if (step === 'end_drain') this.#endDrain();
      if (step === 'answer_error') this.#answerError();
      if (step === 'end_answer') this.#writeLast(this.#passage.passOnRest());
    });
  }

  /** The upstream failed, or could not be reached. */
  fail(denial: Denial): void {
    const reason = denial.reason === 'upstream_timeout' ? 'upstream_timeout' : 'upstream_failed';
    this.#endWith('upstream_failed', this.#reached ? denial : unreachable(denial), { reason, denial });
  }

  /** The client's own upload turned out to be unacceptable while it was being forwarded. */
  failUpload(denial: Denial): void {
    this.#endWith('upload_failed', denial, { reason: 'body_refused', denial });
  }

  #cut(reason: CutReason): void {
    const isDrained = reason === 'client_left' && this.#advance('client_left') === 'drain' && this.#beginDrain();
    if (!isDrained) this.#giveUp(reason);
  }

  #giveUp(reason: CutReason): void {
    const denial = denialOfCut(reason);
    this.#endWith('cut', denial, { reason, denial });
  }

  /**
   * Ends the answer early, if the event ends it in the current state.
   * @param denial the answer for a client to which nothing was passed on yet
   */
  #endWith(
    event: AnswerEvent,
    denial: Denial,
    broken?: { readonly reason: BreakReason; readonly denial: Denial },
  ): void {
    const step = this.#advance(event);
    if (step === 'refuse') this.#refuse(denial);
    if (step === 'break_off' && broken !== undefined) this.#breakOff(broken.reason, broken.denial);
  }

  #advance(event: AnswerEvent): AnswerStep {
    const { step, next } = findTransition(this.#state, event);
    this.#state = next;
    return step;
  }

  #begin(headers: IncomingHttpHeaders): void {
    const { exchange, filter, meter, now } = this.#options;
    const { changesLength, contentType = headers['content-type'] } = meter.start(headers['content-type'] ?? '');
    this.#answerHeaders = filter.begin({ ...headers, 'content-type': contentType });
    this.#advance('headers_filtered');
    exchange.firstByteAtMilliseconds = now();
    // The meter may change the number of bytes, so the upstream's length is not passed on.
    if (changesLength) delete this.#answerHeaders['content-length'];
    if (this.#drain === undefined && this.#client.begin(this.#status, this.#answerHeaders)) this.#passOnSoon();
  }

  #keepError(headers: IncomingHttpHeaders): void {
    this.#answerHeaders = this.#options.filter.begin(headers);
  }

  /**
   * Tries to read the answer on without its client. This needs a request that was sent, a source that does not depend
   * on the client (`outlivesClient`), and a free place in `AnswerDrains`.
   * @returns whether the answer is read on
   */
  #beginDrain(): boolean {
    const { exchange, drains } = this.#options;
    if (!this.#reached || this.#source?.outlivesClient !== true) return false;
    this.#drain = drains?.begin(exchange.claims?.grantId ?? '', () => this.#giveUp('client_left'));
    if (this.#drain === undefined) return false;
    this.#client.forgive();
    this.#passage.resume();
    return true;
  }

  /** Passes the gathered pieces on when the current callback of the event loop has returned. */
  #passOnSoon(): void {
    this.#passage.schedule(() => this.#orFail(() => this.#passOn()));
  }

  /** Runs `work`. An unexpected error in it ends this request, and not the process. */
  #orFail(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fail(describeFailure(error));
    }
  }

  #passOn(): void {
    if (this.#advance('pieces_due') !== 'pass_on') return;
    if (this.#drain === undefined) this.#passage.passOn();
    else this.#passage.drop();
  }

  #endDrain(): void {
    this.#passage.drop();
    this.#options.meter.end();
    this.#finish({ kind: 'drained', status: this.#status, reason: 'client_left' });
  }

  #answerError(): void {
    const answer = this.#error.read(this.#status);
    if (answer.kind === 'denied') return this.#endWith('upstream_failed', answer.denial);
    const headers = {
      ...this.#answerHeaders,
      'content-type': 'application/json',
      'content-length': String(answer.body.length),
    };
    this.#options.exchange.response.writeHead(this.#status, headers);
    this.#writeLast(answer.body);
  }

  #writeLast(last: Buffer): void {
    this.#advance('last_byte_written');
    this.#client.end(last, () => {
      if (this.#advance('last_byte_taken') === 'finish') this.#finish({ kind: 'answered', status: this.#status });
    });
  }

  #refuse(denial: Denial): void {
    const status = this.#status === 0 ? undefined : this.#status;
    this.#finish(this.#reached ? { kind: 'refused', denial, status } : { kind: 'unreached', denial });
    this.#source?.abort();
  }

  #breakOff(reason: BreakReason, denial: Denial): void {
    const silentSeconds = reason === 'client_stalled' ? undefined : this.#passage.silentSeconds;
    this.#passage.breakOff({ isDrained: this.#drain !== undefined });
    this.#finish({
      kind: 'broken',
      status: this.#status,
      reason,
      ...(silentSeconds !== undefined && { silentSeconds }),
    });
    this.#source?.abort();
    const { api, exchange } = this.#options;
    const isUnheard = reason === 'client_stalled';
    this.#client.breakOff(isUnheard ? undefined : api.formatErrorEvent(describeDenial(denial), exchange.requestId));
  }

  #finish(outcome: Outcome): void {
    clearTimeout(this.#timer);
    this.#client.stop();
    this.#drain?.end();
    this.#resolve(outcome);
  }
}

function unreachable(denial: Denial): Denial {
  if (denial.reason === 'overloaded') return denial;
  return { reason: 'upstream_unreachable', detail: 'detail' in denial ? denial.detail : denial.reason };
}
