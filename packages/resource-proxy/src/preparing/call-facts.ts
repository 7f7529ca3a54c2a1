import type { Capability, Estimate, Model } from '@aipassport/policy';
import type { Denial } from '../denials/denial.js';
import type { StateFacts } from '../state/state-facts.js';

/** The facts of a body and its estimated cost. They are plain data, because they may come from another thread. */
export interface CallFacts {
  readonly model: Model;
  /** All capabilities that the call needs. The first one is the capability of the operation. */
  readonly capabilities: readonly Capability[];
  /** The paths of the members that are not forwarded, as far as they are reported to the client. */
  readonly dropped: readonly string[];
  /** Whether the answer is streamed while the model writes it. */
  readonly isStream: boolean;
  /**
   * Whether only this proxy, and not the client, requested the usage of the stream. The usage is then hidden from the
   * client.
   */
  readonly hidesUsage: boolean;
  readonly state: StateFacts;
  /**
   * The number of pictures and documents, if the vendor is asked to count only these; 0 if the vendor counts the whole
   * input.
   */
  readonly mediaParts: number;
  /**
   * The cost, or the denial if no cost could be determined. The denial is not thrown before the scope is checked: see
   * `authorizeOperation`.
   */
  readonly cost: CallCost;
}

export type CallCost = { readonly ok: true; readonly quote: Quote } | { readonly ok: false; readonly denial: Denial };

/** The maximum cost of a call at the current prices. The settlement uses the same prices. */
export interface Quote
  extends Pick<
    Estimate,
    'price' | 'inputs' | 'output' | 'unreported' | 'worstCaseNanoUsd' | 'floorNanoUsd' | 'shareNanoUsd'
  > {
  /** All tokens that the call can use, input and output. */
  readonly tokens: number;
}
