import type { IncomingHttpHeaders } from 'node:http';
import type { Denial } from '../denials/denial.js';
import { describeDenial } from '../denials/describe-denial.js';
import { joinBytes } from '../join-bytes.js';
import type { CutReason } from '../revocation/live-requests.js';
import type { Drain } from './answer-drains.js';
import { AnswerFlow } from './answer-flow.js';
import { ClientSide } from './client-side.js';
import { denialOfCut } from './denial-of-cut.js';
import { describeFailure } from './describe-failure.js';
import { findAnswerProblem } from './find-answer-problem.js';
import type { Outcome } from './outcome.js';
import { readErrorBody } from './read-error-body.js';
import type { AnswerSource, RelayOptions } from './relay-options.js';

type BreakReason = Extract<Outcome, { kind: 'broken' }>['reason'];

const maxErrorBodyBytes = 65_536;
/** A write each costs more than a copy of so much. */
const maxJoinedBytes = 16_384;

/**
 * Passes an upstream's answer on to the client, chunk by chunk, and sees to it that the two ends share one fate: a
 * client that leaves ends the upstream, soon, an upstream that breaks off is an error at the client, and a cut ends both.
 */
export class AnswerRelay {
  readonly outcome: Promise<Outcome>;
  readonly #options: RelayOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #flow = new AnswerFlow();
  readonly #client: ClientSide;
  #resolve: (outcome: Outcome) => void = () => undefined;
  #state: 'waiting' | 'error' | 'passing' | 'ending' | 'done' = 'waiting';
  #source: AnswerSource | undefined;
  #reached = false;
  #status = 0;
  #answerHeaders: Record<string, string> = {};
  #errorChunks: Buffer[] = [];
  #errorBytes = 0;
  /** What came in this turn of the event loop: it is passed on at its end, together. */
  #gathered: Buffer[] = [];
  #isGathering = false;
  /** The client has left, and the answer is read for its usage alone. */
  #drain: Drain | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
    const { exchange, api, live, limits, now } = options;
    this.#client = new ClientSide({ response: exchange.response, live, limits, keepAlive: api.keepAlive, now });
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
    if (this.#state === 'done') source.abort();
  }

  /** From now on the upstream may have seen bytes of the request. */
  markReached(): void {
    this.#reached = true;
  }

  /** The upstream's status and headers are here. */
  start(status: number, headers: IncomingHttpHeaders): void {
    if (this.#state === 'waiting') this.#orFail(() => this.#begin(status, headers));
  }

  #begin(status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    const problem = findAnswerProblem(status, headers);
    if (problem !== undefined) return this.#refuse({ reason: 'upstream_failed', detail: problem });
    const { exchange, filter, meter, now } = this.#options;
    if (status >= 400) {
      this.#answerHeaders = filter.begin(headers);
      this.#state = 'error';
      return;
    }
    this.#state = 'passing';
    const { changesLength, contentType = headers['content-type'] } = meter.start(headers['content-type'] ?? '');
    this.#answerHeaders = filter.begin({ ...headers, 'content-type': contentType });
    exchange.firstByteAtMilliseconds = now();
    // What the meter keeps back is no longer as long as the upstream said.
    if (changesLength) delete this.#answerHeaders['content-length'];
    if (this.#drain === undefined && this.#client.begin(status, this.#answerHeaders)) this.#gather();
  }

  data(chunk: Buffer): void {
    if (this.#drain?.take(chunk.length) === false) return this.#giveUp('client_left');
    if (this.#state === 'error') return this.#collect(chunk);
    if (this.#state !== 'passing') return;
    this.#flow.come();
    this.#gathered.push(chunk);
    this.#gather();
  }

  /** The upstream's answer has ended as it should. */
  end(): void {
    if (this.#drain !== undefined) this.#orFail(() => this.#endDrain());
    else if (this.#state === 'error') this.#orFail(() => this.#answerError());
    else if (this.#state === 'passing') this.#orFail(() => this.#endAnswer());
  }

  /** The upstream failed, or could not even be reached. */
  fail(denial: Denial): void {
    switch (this.#state) {
      case 'waiting':
      case 'error':
        return this.#refuse(this.#reached ? denial : unreachable(denial));
      case 'passing':
        return this.#breakOff(denial.reason === 'upstream_timeout' ? 'upstream_timeout' : 'upstream_failed', denial);
      case 'ending':
      case 'done':
        return;
    }
  }

  /** The client's own upload turned out to be unacceptable while it was being forwarded. */
  failUpload(denial: Denial): void {
    if (this.#state === 'passing') this.#breakOff('body_refused', denial);
    else if (this.#state !== 'ending') this.#refuse(denial);
  }

  #cut(reason: CutReason): void {
    if (reason !== 'client_left' || !this.#beginDrain()) this.#giveUp(reason);
  }

  /** @returns whether the answer is read on without its client: only what has been sent, and can still be answered */
  #beginDrain(): boolean {
    const { exchange, drains } = this.#options;
    const isAwaited = this.#state === 'waiting' || this.#state === 'error' || this.#state === 'passing';
    if (!isAwaited || !this.#reached || this.#source?.outlivesClient !== true) return false;
    this.#drain = drains?.begin(exchange.claims?.grantId ?? '', () => this.#giveUp('client_left'));
    if (this.#drain === undefined) return false;
    this.#client.forgive();
    this.#resume();
    return true;
  }

  #resume(): void {
    this.#source?.resume();
    this.#flow.resume();
  }

  #gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    process.nextTick(() => {
      this.#isGathering = false;
      this.#orFail(() => this.#passOn());
    });
  }

  /** An answer that nobody foresaw is one request's failure, not the process's. */
  #orFail(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fail(describeFailure(error));
    }
  }

  /** Passes on what was gathered, and at least the headers. */
  #passOn(): void {
    if (this.#state !== 'passing') return;
    const pieces = this.#meterGathered();
    const { exchange, onFailpoint } = this.#options;
    if (this.#drain !== undefined || exchange.response.destroyed) return;
    const isFull = this.#client.write(pieces);
    if (pieces.length > 0) onFailpoint?.('mid_stream');
    if (!isFull) return;
    this.#source?.pause();
    this.#flow.pause();
    this.#client.onceRead(() => this.#resume());
  }

  /** @returns what was gathered, as it may be passed on: what is small in one piece, what is large without a copy */
  #meterGathered(): Buffer[] {
    const gathered = this.#gathered;
    this.#gathered = [];
    const length = gathered.reduce((sum, chunk) => sum + chunk.length, 0);
    const pieces = length <= maxJoinedBytes && length > 0 ? [joinBytes(gathered)] : gathered;
    const { meter, filter } = this.#options;
    const metered = pieces.map((piece) => meter.feed(piece));
    if (this.#drain !== undefined) return [];
    return metered.map((piece) => filter.feed(piece)).filter(isNotEmpty);
  }

  #endAnswer(): void {
    const { exchange, meter, filter } = this.#options;
    const pieces = this.#meterGathered();
    const last = [filter.feed(meter.end()), filter.end()].filter(isNotEmpty);
    for (const bytes of pieces.splice(0, pieces.length - 1)) exchange.response.write(bytes);
    this.#end(joinBytes([...pieces, ...last]));
  }

  #endDrain(): void {
    this.#meterGathered();
    this.#options.meter.end();
    this.#finish({ kind: 'drained', status: this.#status, reason: 'client_left' });
  }

  #giveUp(reason: CutReason): void {
    if (this.#state === 'waiting' || this.#state === 'error') this.#refuse(denialOfCut(reason));
    else if (this.#state !== 'done') this.#breakOff(reason, denialOfCut(reason));
  }

  #collect(chunk: Buffer): void {
    this.#errorBytes += chunk.length;
    if (this.#errorBytes <= maxErrorBodyBytes) this.#errorChunks.push(chunk);
  }

  /** An upstream's error is told in its own words, but for those about the owner's key and account. */
  #answerError(): void {
    const { api, exchange, filter, meter } = this.#options;
    const body = readErrorBody(this.#errorChunks);
    meter.readError(body);
    const error = api.readError(this.#status, body);
    exchange.upstreamCode = error.code;
    if (error.kind === 'key_rejected') return this.#refuse({ reason: 'provider_key_rejected', code: error.code });
    const text = filter.filterWhole(Buffer.from(JSON.stringify(error.body)));
    const headers = {
      ...this.#answerHeaders,
      'content-type': 'application/json',
      'content-length': String(text.length),
    };
    exchange.response.writeHead(this.#status, headers);
    this.#end(text);
  }

  #end(last: Buffer): void {
    this.#state = 'ending';
    this.#client.end(last, () => this.#finish({ kind: 'answered', status: this.#status }));
  }

  #refuse(denial: Denial): void {
    const status = this.#status === 0 ? undefined : this.#status;
    this.#finish(this.#reached ? { kind: 'refused', denial, status } : { kind: 'unreached', denial });
    this.#source?.abort();
  }

  #breakOff(reason: BreakReason, denial: Denial): void {
    const silentSeconds = reason === 'client_stalled' ? undefined : this.#flow.silentSeconds;
    try {
      if (this.#gathered.length > 0) this.#passOn();
    } catch {
      // what cannot be metered is not passed on, and the answer ends here in any case
    }
    this.#finish({
      kind: 'broken',
      status: this.#status,
      reason,
      ...(silentSeconds !== undefined && { silentSeconds }),
    });
    this.#source?.abort();
    const { api, exchange } = this.#options;
    const isUnheard = reason === 'client_stalled';
    this.#client.breakOff(isUnheard ? undefined : api.formatErrorEvent(describeDenial(denial), exchange.id));
  }

  #finish(outcome: Outcome): void {
    if (this.#state === 'done') return;
    this.#state = 'done';
    clearTimeout(this.#timer);
    this.#client.stop();
    this.#drain?.end();
    this.#resolve(outcome);
  }
}

const isNotEmpty = ({ length }: Buffer): boolean => length > 0;

function unreachable(denial: Denial): Denial {
  if (denial.reason === 'overloaded') return denial;
  return { reason: 'upstream_unreachable', detail: 'detail' in denial ? denial.detail : denial.reason };
}
