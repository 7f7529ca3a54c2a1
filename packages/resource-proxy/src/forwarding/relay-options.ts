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

/** The upstream's side, whichever library moves its bytes. */
export interface AnswerSource {
  readonly pause: () => void;
  readonly resume: () => void;
  /** Ends the upstream request at once: its connection is not used again. */
  readonly abort: () => void;
  /** Whether the answer can be read without the client: not where that is still sending what is to be answered. */
  readonly outlivesClient: boolean;
}

/** Receives an upstream's answer as it comes. */
export interface AnswerSink {
  /** Whether nothing more is wanted. */
  readonly isDone: boolean;
  readonly attach: (source: AnswerSource) => void;
  /** From now on the upstream may have seen bytes of the request. */
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
  /** Sees every byte of a successful answer, and may keep back what the client did not ask for. */
  readonly meter: Meter;
  /** Without them an answer ends with its client. */
  readonly drains?: AnswerDrains;
  readonly now: () => number;
  readonly onFailpoint?: OnFailpoint | undefined;
}
