import { formatDecimalUsd, type RemainderKind } from '@aipassport/policy';
import { sdkForms } from '../denials/sdk-forms.js';
import type { Exchange } from '../exchange.js';
import type { Reservation } from './admit.js';
import type { ComposedRequest } from './compose-request.js';

/**
 * Sets answer headers: the remaining amount of each limit after this request, and `aipassport-store: false` if the
 * client asked the AI provider to store the answer and the proxy switched that off.
 */
export function setRemainingHeaders({ response, dialect }: Exchange, { admission, call }: Reservation): void {
  if (call.state.isStoreDropped) response.setHeader('aipassport-store', 'false');
  const { requests, cost, rate, tokens } = admission.left;
  const { rateHeaders } = sdkForms[dialect];
  const headers: Readonly<Record<RemainderKind, readonly [name: string, value: string | undefined]>> = {
    requests: ['aipassport-remaining-requests', requests?.toString()],
    cost: ['aipassport-remaining-usd', cost === undefined ? undefined : formatDecimalUsd(cost)],
    rate: [rateHeaders.requests, rate?.toString()],
    tokens: [rateHeaders.tokens, tokens?.toString()],
  };
  for (const [name, value] of Object.values(headers)) if (value !== undefined) response.setHeader(name, value);
}

/**
 * Sets the answer header that states the request's output limit, if it differs from the one that the client asked for.
 */
export function setOutputLimitHeader({ response }: Exchange, { maxOutputTokens }: ComposedRequest): void {
  if (maxOutputTokens !== undefined) response.setHeader('aipassport-max-output-tokens', String(maxOutputTokens));
}
