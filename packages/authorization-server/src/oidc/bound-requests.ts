import type { Middleware } from '../context.js';
import { Refusal } from '../refusal.js';
import type { Parameter } from '../text/parse-parameters.js';

/**
 * The maximum size of such a request: bytes of its parameters' decoded names and values. A hundred models in `scope`
 * take 2,500, a registered redirect URI 2,000 at most; `authorization_details` that name a hundred models 3,000.
 */
export const requestBounds = {
  maxStateBytes: 2_048,
  maxDetailsBytes: 4_096,
  /** All parameters except `authorization_details`. */
  maxParameterBytes: 4_096,
} as const;

/** Refuses requests that are larger than an honest one needs to be. */
export const boundRequests: Middleware = async (ctx, next) => {
  if (ctx.state.endpoint?.storesParameters) {
    const problem = findProblem(ctx.method === 'POST' ? (ctx.state.form ?? []) : ctx.state.query);
    if (problem !== undefined) throw new Refusal({ status: 400, reason: 'invalid_request', message: problem });
  }
  await next();
};

function findProblem(parameters: readonly Parameter[]): string | undefined {
  const { maxStateBytes, maxDetailsBytes, maxParameterBytes } = requestBounds;
  const sizes = Map.groupBy(parameters, ({ name }) => (name === 'authorization_details' ? name : 'others'));
  if (parameters.some(({ name, value }) => name === 'state' && value.length > maxStateBytes))
    return `The state of this request is longer than ${maxStateBytes} bytes.`;
  if (sum(sizes.get('authorization_details')) > maxDetailsBytes)
    return `The authorization_details of this request are longer than ${maxDetailsBytes} bytes.`;
  if (sum(sizes.get('others')) > maxParameterBytes)
    return `The parameters of this request are longer than ${maxParameterBytes} bytes in all.`;
  return undefined;
}

function sum(parameters: readonly Parameter[] = []): number {
  return parameters.reduce((bytes, { name, value }) => bytes + Buffer.byteLength(name) + value.length, 0);
}
