import type { Capability, Estimate, Model } from '@aipassport/policy';
import type { Denial } from '../denials/denial.js';

/** What a body of JSON wants, and what that can cost. Plain data: it may come from another thread. */
export interface CallFacts {
  readonly model: Model;
  /** All capabilities that it takes, the operation's own first. */
  readonly capabilities: readonly Capability[];
  /** Whether the answer comes in pieces, for as long as the model writes. */
  readonly isStream: boolean;
  /** Whether the usage of the stream is asked for by us alone: then the client is not to see it. */
  readonly hidesUsage: boolean;
  /** A refusal is told when it is known that the grant allows what the body wants. */
  readonly cost: CallCost;
}

export type CallCost = { readonly ok: true; readonly quote: Quote } | { readonly ok: false; readonly denial: Denial };

/** What a call can cost at most, by the prices of this moment; its settlement goes by the same. */
export interface Quote extends Pick<Estimate, 'price' | 'inputs' | 'output' | 'worstCaseNanoUsd' | 'floorNanoUsd'> {
  /** All tokens that it can use, in and out. */
  readonly tokens: number;
}
