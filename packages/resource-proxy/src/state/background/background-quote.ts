import type { Price, PriceCatalogue, Upstream } from '@aipassport/policy';
import type { OpenBackgroundResponse } from '@aipassport/store/proxying';
import type { Quote } from '../../preparing/call-facts.js';

/** The data that is needed to settle a request whose response ends in another process, or after a restart. */
export interface BackgroundQuote extends Pick<Quote, 'inputs' | 'output' | 'worstCaseNanoUsd'> {
  readonly reservedNanoUsd: bigint;
  readonly model: string;
  /** The time whose prices apply: the start of the request. */
  readonly pricedAtMilliseconds: number;
}

/** Returns the quote as it is stored. */
export function formatQuote({ worstCaseNanoUsd, reservedNanoUsd, ...quote }: BackgroundQuote): unknown {
  return { ...quote, worstCaseNanoUsd: String(worstCaseNanoUsd), reservedNanoUsd: String(reservedNanoUsd) };
}

/** Reads a stored quote and adds its price. @returns undefined when the model has no price any more */
export function readQuote(
  prices: PriceCatalogue,
  { quote, upstream }: Pick<OpenBackgroundResponse, 'quote' | 'upstream'>,
): (BackgroundQuote & { readonly price: Price }) | undefined {
  // written by `formatQuote`
  const { worstCaseNanoUsd, reservedNanoUsd, ...rest } = quote as Omit<
    BackgroundQuote,
    'worstCaseNanoUsd' | 'reservedNanoUsd'
  > & { worstCaseNanoUsd: string; reservedNanoUsd: string };
  const price = prices.findPrice(upstream as Upstream, rest.model, new Date(rest.pricedAtMilliseconds));
  return (
    price && { ...rest, price, worstCaseNanoUsd: BigInt(worstCaseNanoUsd), reservedNanoUsd: BigInt(reservedNanoUsd) }
  );
}
