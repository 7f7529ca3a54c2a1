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

/**
 * Refuses requests that are larger than an honest request needs to be. `authorization_details` are bounded at each
 * endpoint, because a token request is validated too, before its code or token is checked.
 */
export const boundRequests: Middleware = async (ctx, next) => {
  const given = ctx.method === 'POST' ? (ctx.state.form ?? []) : ctx.state.query;
  const problem =
    findLongDetails(given) ?? (ctx.state.endpoint?.storesParameters ? findLongParameters(given) : undefined);
  if (problem !== undefined) throw new Denied(problem);
  await next();
};

function findLongDetails(given: readonly Parameter[]): Denial | undefined {
  const { maxDetailsBytes } = requestBounds;
  const details = given.filter(({ name }) => name === 'authorization_details');
  return sum(details) > maxDetailsBytes ? tooLong('authorization_details', maxDetailsBytes) : undefined;
}

/** A client assertion is not stored. Its size is limited by the maximum size of the body. */
const isCounted = ({ name }: Parameter) => name !== 'client_assertion' && name !== 'authorization_details';

function findLongParameters(given: readonly Parameter[]): Denial | undefined {
  const { maxStateBytes, maxParameterBytes } = requestBounds;
  if (given.some(({ name, value }) => name === 'state' && value.length > maxStateBytes))
    return tooLong('state', maxStateBytes);
  return sum(given.filter(isCounted)) > maxParameterBytes ? tooLong('all', maxParameterBytes) : undefined;
}

function tooLong(of: Extract<Denial, { reason: 'parameters_too_long' }>['of'], maxBytes: number): Denial {
  return { reason: 'parameters_too_long', of, maxBytes };
}

function sum(parameters: readonly Parameter[]): number {
  return parameters.reduce((bytes, { name, value }) => bytes + Buffer.byteLength(name) + value.length, 0);
}
