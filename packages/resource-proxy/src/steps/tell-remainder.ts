import { formatDecimalUsd, type RemainderKind } from '@aipassport/policy';
import type { Exchange } from '../exchange.js';
import type { Reservation } from './admit.js';
import type { ComposedRequest } from './compose-request.js';

/** The names under which the SDKs' users look for what is left of a rate; Google has none of its own. */
const rateHeaders = {
  openai: ['x-ratelimit-remaining-requests', 'x-ratelimit-remaining-tokens'],
  anthropic: ['anthropic-ratelimit-requests-remaining', 'anthropic-ratelimit-tokens-remaining'],
  google: ['x-ratelimit-remaining-requests', 'x-ratelimit-remaining-tokens'],
  oauth: ['x-ratelimit-remaining-requests', 'x-ratelimit-remaining-tokens'],
} as const;

/**
 * Says in the answer's headers what is left of the limits that there are, this request already taken off; and that the
 * answer is not stored, when the client wants it to be.
 */
export function tellRemainder({ response, dialect }: Exchange, { admission, call }: Reservation): void {
  if (call.state.isStoreDropped) response.setHeader('aipassport-store', 'false');
  const { requests, cost, rate, tokens } = admission.left;
  const [requestsHeader, tokensHeader] = rateHeaders[dialect];
  const headers: Readonly<Record<RemainderKind, readonly [name: string, value: string | undefined]>> = {
    requests: ['aipassport-remaining-requests', requests?.toString()],
    cost: ['aipassport-remaining-usd', cost === undefined ? undefined : formatDecimalUsd(cost)],
    rate: [requestsHeader, rate?.toString()],
    tokens: [tokensHeader, tokens?.toString()],
  };
  for (const [name, value] of Object.values(headers)) if (value !== undefined) response.setHeader(name, value);
}

/** Says in the answer's headers which output limit the request was given, where it is not the one that it asked for. */
export function tellOutputLimit({ response }: Exchange, { maxOutputTokens }: ComposedRequest): void {
  if (maxOutputTokens !== undefined) response.setHeader('aipassport-max-output-tokens', String(maxOutputTokens));
}
