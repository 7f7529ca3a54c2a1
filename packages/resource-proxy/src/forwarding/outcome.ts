import type { Denial } from '../denials/denial.js';
import type { CutReason } from '../revocation/live-requests.js';

/** How a forwarded request ended, whichever forwarder carried it. */
export type Outcome =
  /** The upstream's answer was passed on whole; of an error, what may be told of it. */
  | { readonly kind: 'answered'; readonly status: number }
  /** Not one byte left for the upstream, so nothing was used. Nothing has been answered yet. */
  | { readonly kind: 'unreached'; readonly denial: Denial }
  /** The upstream was reached, and what it said is not passed on. Nothing has been answered yet. */
  | {
      readonly kind: 'refused';
      readonly denial: Denial;
      /** Of an error, or of an answer that no vendor gives; undefined: there was no answer. */
      readonly status: number | undefined;
    }
  /** The client left, and the answer was read to its end without it: what it used is known. */
  | { readonly kind: 'drained'; readonly status: number; readonly reason: 'client_left' }
  /** The answer broke off after it had begun: the client saw an error, never a clean end. */
  | {
      readonly kind: 'broken';
      readonly status: number;
      readonly reason: CutReason | 'upstream_failed' | 'upstream_timeout' | 'body_refused';
      /** The time since the last piece, if the answer was read as it arrived; otherwise absent. */
      readonly silentSeconds?: number;
    };
