import { parseJson } from '@aipassport/contracts';
import { aiAccessType, isJsonObject, type ModelCatalogue, parseAiAccess, type WrongMember } from '@aipassport/policy';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Middleware, RequestState } from '../context.js';
import type { Parameter } from '../text/parse-parameters.js';
import { nameDetail } from './access-request.js';
import { oauthError } from './describe-oauth-denial.js';
import type { WrongDetails } from './oauth-denial.js';
import { rewriteParameters } from './rewrite-parameters.js';

/** oidc-provider passes this list to the validator of `ai_access`, which refuses it. */
const standIn = JSON.stringify([{ type: aiAccessType, structure: 'wrong' }]);
/** The members that RFC 9396 section 2.2 defines for all types. oidc-provider checks them, and `ai_access` has none. */
const commonMembers = ['locations', 'actions', 'datatypes', 'identifier', 'privileges'];

/**
 * Makes this server, and not oidc-provider, refuse `authorization_details` whose structure is wrong, because
 * oidc-provider does not name the wrong member by its path. oidc-provider gets a list that it accepts. Its earlier
 * checks, such as those of the client and the redirect URI, are still made first.
 */
export function adaptDetails(models: ModelCatalogue): Middleware {
  const replace = (parameters: readonly Parameter[]) =>
    parameters.map((one) => (isDetails(one) ? { ...one, value: Buffer.from(standIn) } : one));
  return async (ctx, next) => {
    const { endpoint, form = [], query } = ctx.state;
    const given = (ctx.method === 'POST' ? form : query).filter(isDetails);
    const [details] = given;
    // oidc-provider refuses a repeated parameter, and ignores an empty one.
    if (endpoint?.takesResource && given.length === 1 && details !== undefined && details.value.length > 0) {
      const wrong = findWrong(details.value.toString(), models);
      if (wrong !== undefined) {
        ctx.state.wrongDetails = wrong;
        rewriteParameters(ctx, replace);
      }
    }
    await next();
  };
}

/**
 * For the validator of `ai_access`.
 * @throws `invalid_authorization_details` if `adaptDetails` has replaced the details that oidc-provider validates
 */
export function requireStructure({ oidc, state }: KoaContextWithOIDC): void {
  const { wrongDetails } = state as RequestState;
  // If this request names a pushed request, oidc-provider validates the details of the pushed request.
  if (wrongDetails === undefined || oidc.params?.['authorization_details'] !== standIn) return;
  throw oauthError({ reason: 'details_invalid', ...wrongDetails });
}

function isDetails({ name }: Parameter): boolean {
  return name === 'authorization_details';
}

/** @returns undefined when the structure is right */
function findWrong(text: string, models: ModelCatalogue): WrongDetails | undefined {
  const details = parseJson(text);
  if (!Array.isArray(details)) return { path: 'authorization_details', rule: 'must be a JSON array of objects' };
  for (const [index, detail] of details.entries()) {
    const wrong = findWrongMember(detail, models);
    if (wrong !== undefined) return nameDetail(index, wrong);
  }
  return undefined;
}

function findWrongMember(detail: unknown, models: ModelCatalogue): WrongMember | undefined {
  if (!isJsonObject(detail)) return { member: '', rule: 'must be an object' };
  if (detail['type'] !== aiAccessType) return { member: 'type', rule: `must be ${aiAccessType}` };
  if (!commonMembers.some((member) => Object.hasOwn(detail, member))) return undefined;
  const parsed = parseAiAccess(detail, models);
  return parsed.ok ? undefined : parsed;
}
