import { formatDecimalUsd } from '@aipassport/policy';
import type { Exchange } from '../exchange.js';
import type { Reservation } from './admit.js';

/** The names under which the SDKs' users look for what is left of a rate; Google has none of its own. */
const rateHeaders = {
  openai: 'x-ratelimit-remaining-requests',
  anthropic: 'anthropic-ratelimit-requests-remaining',
  google: 'x-ratelimit-remaining-requests',
  oauth: 'x-ratelimit-remaining-requests',
} as const;

/** Says in the answer's headers what is left of the limits that there are, this request already taken off. */
export function tellRemainder({ response, dialect }: Exchange, { admission }: Reservation): void {
  const { requests, cost, rate } = admission.left;
  if (rate !== undefined) response.setHeader(rateHeaders[dialect], String(rate));
  if (requests !== undefined) response.setHeader('aipassport-remaining-requests', String(requests));
  if (cost !== undefined) response.setHeader('aipassport-remaining-usd', formatDecimalUsd(cost));
}
