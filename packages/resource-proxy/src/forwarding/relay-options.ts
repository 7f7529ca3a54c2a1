import type { IncomingHttpHeaders } from 'node:http';
import type { Denial } from '../denials/denial.js';
import type { Exchange } from '../exchange.js';
import type { OnFailpoint } from '../failpoint.js';
import type { ProxyLimits } from '../limits.js';
import type { Meter } from '../metering/meter.js';
import type { LiveRequest } from '../revocation/live-requests.js';
import type { AnswerFilter } from '../secrecy/answer-filter.js';
import type { UpstreamApi } from '../upstreams/upstream-api.js';
import type { AnswerDrains } from './answer-drains.js';

/** The upstream's side of an answer. There is one implementation for undici, and one for http-proxy. */
export interface AnswerSource {
  readonly pause: () => void;
  readonly resume: () => void;
  /** Aborts the upstream request at once. Its connection is not used again. */
  readonly abort: () => void;
  /**
   * Whether the answer can still be read after the client has left. It is false for an upload, because the upload comes
   * from the client.
   */
  readonly outlivesClient: boolean;
}

/** Receives an upstream's answer as it arrives. */
export interface AnswerSink {
  /** Whether the rest of the answer is no longer wanted. */
  readonly isDone: boolean;
  readonly attach: (source: AnswerSource) => void;
  /** From now on, the upstream may have received bytes of the request. */
  readonly markReached: () => void;
  readonly start: (status: number, headers: IncomingHttpHeaders) => void;
  readonly data: (chunk: Buffer) => void;
  readonly end: () => void;
  readonly fail: (denial: Denial) => void;
}

export interface RelayOptions {
  readonly exchange: Exchange;
  readonly live: LiveRequest;
  readonly api: UpstreamApi;
  /** Everything that the upstream sends passes through this filter. */
  readonly filter: AnswerFilter;
  readonly limits: ProxyLimits;
  /** Reads every byte of a successful answer, and may remove the usage that the client did not ask for. */
  readonly meter: Meter;
  /** If absent, an answer ends when its client leaves. */
  readonly drains?: AnswerDrains;
  readonly now: () => number;
  readonly onFailpoint?: OnFailpoint | undefined;
}
