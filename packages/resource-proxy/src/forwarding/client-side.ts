import type { ServerResponse } from 'node:http';
import { isEventStream } from '../headers/build-answer-headers.js';
import type { ProxyLimits } from '../limits.js';
import type { LiveRequest } from '../revocation/live-requests.js';
import { KeepAlive } from './keep-alive.js';

/** Reading from the upstream pauses when this many bytes wait for the client. */
const maxUnsentBytes = 65_536;
/** The time limit for sending the last event of a broken stream. A revoked stream must be closed within 100 ms. */
const lastEventMilliseconds = 50;

export interface ClientSideOptions {
  readonly response: ServerResponse;
  readonly live: Pick<LiveRequest, 'cut'>;
  readonly limits: Pick<ProxyLimits, 'keepAliveMilliseconds' | 'stalledClientMilliseconds'>;
  /** The bytes that keep a silent stream open. */
  readonly keepAlive: string;
  readonly now: () => number;
}

/** The client's side of an answer: writes it, detects a client that does not read, and keeps a silent stream open. */
export class ClientSide {
  readonly #options: ClientSideOptions;
  #isStream = false;
  #keepAlive: KeepAlive | undefined;
  #stallTimer: NodeJS.Timeout | undefined;

  constructor(options: ClientSideOptions) {
    this.#options = options;
  }

  /**
   * Sets the status and the headers of the answer.
   * @returns whether the headers should be sent at once. They should for a stream, because an SDK's call returns when
   * they arrive, before the first token
   */
  begin(status: number, headers: Readonly<Record<string, string>>): boolean {
    const { response } = this.#options;
    this.#isStream = isEventStream(headers);
    // Without this header, nginx buffers a stream until it has ended.
    response.writeHead(status, this.#isStream ? { ...headers, 'x-accel-buffering': 'no' } : headers);
    if (this.#isStream) this.#keepAlive = this.#keepOpen();
    return this.#isStream;
  }

  /**
   * @returns whether too many bytes wait for the client. The caller should then pause until `onceRead` calls back
   */
  write(pieces: readonly Buffer[]): boolean {
    const { response } = this.#options;
    if (pieces.length === 0) response.flushHeaders();
    for (const bytes of pieces) {
      response.write(bytes);
      this.#keepAlive?.note(bytes);
    }
    return response.writableLength >= maxUnsentBytes;
  }

  /** Calls `resume` when the client has read the waiting bytes. Cuts the request if that takes too long. */
  onceRead(resume: () => void): void {
    this.#watchForStall();
    this.#options.response.once('drain', () => {
      this.stopStallTimer();
      resume();
    });
  }

  /** Stops the timer that cuts the request when its client does not read. */
  stopStallTimer(): void {
    clearTimeout(this.#stallTimer);
  }

  /** @param onTaken called when the operating system has taken the last byte; until then the answer can be cut */
  end(last: Buffer, onTaken: () => void): void {
    this.#keepAlive?.stop();
    this.#watchForStall();
    this.#options.response.end(last, onTaken);
  }

  /**
   * Ends a broken answer, so that the client does not take it for complete. A stream gets `event` as its last event, if
   * it is given.
   */
  breakOff(event: string | undefined): void {
    const { response } = this.#options;
    if (event === undefined || !this.#isStream || response.destroyed || response.writableEnded)
      return void response.destroy();
    const closeTimer = setTimeout(() => response.destroy(), lastEventMilliseconds);
    response.once('close', () => clearTimeout(closeTimer));
    response.write(`\n\n${event}`, () => response.destroy());
  }

  stop(): void {
    clearTimeout(this.#stallTimer);
    this.#keepAlive?.stop();
  }

  #keepOpen(): KeepAlive {
    const { response, limits, keepAlive, now } = this.#options;
    const send = () => {
      if (!response.writableNeedDrain && !response.writableEnded) response.write(keepAlive);
    };
    return new KeepAlive({ intervalMilliseconds: limits.keepAliveMilliseconds, now, send });
  }

  #watchForStall(): void {
    const { limits, live } = this.#options;
    clearTimeout(this.#stallTimer);
    this.#stallTimer = setTimeout(() => live.cut('client_stalled'), limits.stalledClientMilliseconds);
  }
}
