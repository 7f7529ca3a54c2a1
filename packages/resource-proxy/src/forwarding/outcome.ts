import type { CutOff } from '@aipassport/store/proxying';
import type { Denial } from '../denials/denial.js';

/** How a forwarded request ended: the result of `forward`. */
export type Outcome =
  /**
   * The upstream's answer was passed on whole. If it was an error, only the part that the client may see was passed on.
   */
  | { readonly kind: 'answered'; readonly status: number }
  /** No byte reached the upstream, so nothing was used. The client has not been answered yet. */
  | { readonly kind: 'unreached'; readonly denial: Denial }
  /** The upstream was reached, and its answer is not passed on. The client has not been answered yet. */
  | {
      readonly kind: 'refused';
      readonly denial: Denial;
      /** The status of an error, or of an answer that cannot be used; undefined when there was no answer. */
      readonly status: number | undefined;
    }
  /** The client left. The answer was still read to its end, so the usage is known. */
  | { readonly kind: 'drained'; readonly status: number; readonly reason: 'client_left' }
  /** The answer broke off after it had begun. The client got an error or a closed connection, never a proper end. */
  | {
      readonly kind: 'broken';
      readonly status: number;
      readonly reason: CutOff;
      /** The time since the last chunk; absent when more may have arrived than was read. */
      readonly silentSeconds?: number;
    };
