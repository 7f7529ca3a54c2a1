import type { Denial } from '../denials/denial.js';
import { describeDenial } from '../denials/describe-denial.js';
import type { CutReason } from '../revocation/live-requests.js';
import type { AnswerForwarder } from './answer-forwarder.js';
import type { AnswerProgress } from './answer-progress.js';
import type { AnswerEvent } from './answer-states.js';
import type { ClientSide } from './client-side.js';
import { denialOfCut } from './denial-of-cut.js';
import type { Outcome } from './outcome.js';
import type { RelayOptions } from './relay-options.js';
import type { ErrorAnswer } from './upstream-error.js';
import type { UpstreamSide } from './upstream-side.js';

type BreakReason = Extract<Outcome, { kind: 'broken' }>['reason'];

export interface EndingParts {
  readonly progress: AnswerProgress;
  readonly upstream: UpstreamSide;
  readonly client: ClientSide;
  readonly forwarder: AnswerForwarder;
}

/** Ends an answer in one of the ways that `Outcome` lists. */
export class AnswerEnding {
  readonly outcome: Promise<Outcome>;
  readonly #options: Pick<RelayOptions, 'api' | 'exchange'>;
  readonly #parts: EndingParts;
  readonly #timer: NodeJS.Timeout;
  #resolve: (outcome: Outcome) => void = () => undefined;

  constructor(options: RelayOptions, parts: EndingParts) {
    this.#options = options;
    this.#parts = parts;
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#timer = setTimeout(() => options.live.cut('time_limit_reached'), options.limits.maxExchangeMilliseconds);
  }

  giveUp(reason: CutReason): void {
    const denial = denialOfCut(reason);
    this.endEarly('cut', denial, { reason, denial });
  }

  /**
   * Ends the answer early, if the event ends it in the current state.
   * @param denial the answer for a client to which nothing was passed on yet
   * @param broken how to end an answer that was passed on in part
   */
  endEarly(
    event: AnswerEvent,
    denial: Denial,
    broken?: { readonly reason: BreakReason; readonly denial: Denial },
  ): void {
    const step = this.#parts.progress.advance(event);
    if (step === 'refuse') this.#refuse(denial);
    if (step === 'break_off' && broken !== undefined) this.#breakOff(broken.reason, broken.denial);
  }

  /** Answers with the upstream's error. */
  answerError(error: ErrorAnswer): void {
    if (error.kind === 'denied') return this.endEarly('upstream_failed', error.denial);
    this.#options.exchange.response.writeHead(this.#parts.upstream.status, error.headers);
    this.writeLast(error.body);
  }

  writeLast(last: Buffer): void {
    const { progress, client, upstream } = this.#parts;
    progress.advance('last_byte_written');
    client.end(last, () => {
      if (progress.advance('last_byte_taken') === 'finish') this.#finish({ kind: 'answered', status: upstream.status });
    });
  }

  endDrain(): void {
    this.#parts.forwarder.meterRest();
    this.#finish({ kind: 'drained', status: this.#parts.upstream.status, reason: 'client_left' });
  }

  #refuse(denial: Denial): void {
    const { upstream } = this.#parts;
    const status = upstream.status === 0 ? undefined : upstream.status;
    this.#finish(upstream.isReached ? { kind: 'refused', denial, status } : { kind: 'unreached', denial });
    upstream.abort();
  }

  #breakOff(reason: BreakReason, denial: Denial): void {
    const { upstream, client, forwarder } = this.#parts;
    const silentSeconds = reason === 'client_stalled' ? undefined : forwarder.silentSeconds;
    forwarder.breakOff();
    this.#finish({
      kind: 'broken',
      status: upstream.status,
      reason,
      ...(silentSeconds !== undefined && { silentSeconds }),
    });
    upstream.abort();
    const { api, exchange } = this.#options;
    const isUnheard = reason === 'client_stalled';
    client.breakOff(isUnheard ? undefined : api.formatErrorEvent(describeDenial(denial), exchange.requestId));
  }

  #finish(outcome: Outcome): void {
    clearTimeout(this.#timer);
    this.#parts.client.stop();
    this.#parts.upstream.drain?.end();
    this.#resolve(outcome);
  }
}
