import type { Capability, Estimate, Model } from '@aipassport/policy';
import type { Denial } from '../denials/denial.js';
import type { StateFacts } from '../state/state-facts.js';

/** What a JSON body asks for, and its estimated cost. Plain data, because it may come from another thread. */
export interface CallFacts {
  readonly model: Model;
  /** All capabilities that it takes, the operation's own first. */
  readonly capabilities: readonly Capability[];
  /** The members that are left out of what is forwarded, because they are not known. */
  readonly dropped: readonly string[];
  /** Whether the answer comes in pieces, for as long as the model writes. */
  readonly isStream: boolean;
  /** Whether only we ask for the usage of the stream. If so, the client must not see it. */
  readonly hidesUsage: boolean;
  readonly state: StateFacts;
  /** The pictures and documents that its vendor is asked to count. */
  readonly mediaParts: number;
  /** A refusal is reported only after the check that the grant allows the request. */
  readonly cost: CallCost;
}

export type CallCost = { readonly ok: true; readonly quote: Quote } | { readonly ok: false; readonly denial: Denial };

/** The maximum cost of a call at the current prices. The settlement uses the same prices. */
export interface Quote
  extends Pick<
    Estimate,
    'price' | 'inputs' | 'output' | 'unreported' | 'worstCaseNanoUsd' | 'floorNanoUsd' | 'shareNanoUsd'
  > {
  /** All tokens that it can use, in and out. */
  readonly tokens: number;
}
