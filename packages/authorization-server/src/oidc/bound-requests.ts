import type { Middleware } from '../context.js';
import { type Denial, Denied } from '../denials/denial.js';
import type { Parameter } from '../text/parse-parameters.js';

/**
 * The maximum size of an authorization request. It counts the bytes of the parameters' names and values after decoding.
 * A hundred models take 2,500 bytes in `scope` and 3,000 in `authorization_details`. A registered redirect URI takes
 * 2,000 at most.
 */
const requestBounds = {
  maxStateBytes: 2_048,
  maxDetailsBytes: 4_096,
  /** The maximum for all parameters together, except `authorization_details` and `client_assertion`. */
  maxParameterBytes: 4_096,
} as const;

/** Refuses requests that are larger than an honest request needs to be. */
export const boundRequests: Middleware = async (ctx, next) => {
  if (ctx.state.endpoint?.storesParameters) {
    const problem = findProblem(ctx.method === 'POST' ? (ctx.state.form ?? []) : ctx.state.query);
    if (problem !== undefined) throw new Denied(problem);
  }
  await next();
};

/** A client assertion is not stored. Its size is limited by the maximum size of the body. */
const isStored = ({ name }: Parameter) => name !== 'client_assertion';

function findProblem(given: readonly Parameter[]): Denial | undefined {
  const parameters = given.filter(isStored);
  const { maxStateBytes, maxDetailsBytes, maxParameterBytes } = requestBounds;
  const sizes = Map.groupBy(parameters, ({ name }) => (name === 'authorization_details' ? name : 'others'));
  if (parameters.some(({ name, value }) => name === 'state' && value.length > maxStateBytes))
    return tooLong('state', maxStateBytes);
  if (sum(sizes.get('authorization_details')) > maxDetailsBytes)
    return tooLong('authorization_details', maxDetailsBytes);
  if (sum(sizes.get('others')) > maxParameterBytes) return tooLong('all', maxParameterBytes);
  return undefined;
}

function tooLong(of: Extract<Denial, { reason: 'parameters_too_long' }>['of'], maxBytes: number): Denial {
  return { reason: 'parameters_too_long', of, maxBytes };
}

function sum(parameters: readonly Parameter[] = []): number {
  return parameters.reduce((bytes, { name, value }) => bytes + Buffer.byteLength(name) + value.length, 0);
}
