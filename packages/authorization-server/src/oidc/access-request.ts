import {
  type AccessRequest,
  type AiAccessRequest,
  buildAccessRequest,
  type ModelCatalogue,
  parseAiAccess,
  parseScope,
  type Scope,
  type WrongMember,
} from '@aipassport/policy';
import type { AuthorizationDetail } from 'oidc-provider';
import { oauthError } from './describe-oauth-denial.js';
import type { WrongDetails } from './oauth-denial.js';

/** The parameters of an authorization request, such as `scope` and `authorization_details`. */
export interface RequestParameters {
  readonly [name: string]: unknown;
}

/**
 * Reads all access that a client asks for, in `scope` and in `authorization_details`.
 * @throws `invalid_scope` for scope tokens that are not known
 * @throws `invalid_authorization_details`
 */
export function readAccessRequest(parameters: RequestParameters, models: ModelCatalogue): AccessRequest {
  return buildAccessRequest(readScope(parameters, models), readDetails(parameters, models), models);
}

export function readScope(parameters: RequestParameters, models: ModelCatalogue): Scope {
  const scope = typeof parameters['scope'] === 'string' ? parameters['scope'] : '';
  const parsed = parseScope(scope, models);
  if (!parsed.ok) throw oauthError({ reason: 'scope_token_unknown', token: parsed.unknownToken });
  return parsed.scope;
}

/** Whether the request has details, which may ask for limits, a lifetime or a reason. */
export function hasDetails(parameters: RequestParameters): boolean {
  return typeof parameters['authorization_details'] === 'string';
}

/**
 * Reads one of the details.
 * @param index the place of the detail in `authorization_details`
 */
export function readDetail(detail: AuthorizationDetail, index: number, models: ModelCatalogue): AiAccessRequest {
  const parsed = parseAiAccess(detail, models);
  if (!parsed.ok) throw oauthError({ reason: 'details_invalid', ...nameDetail(index, parsed) });
  return parsed.request;
}

/** Names the wrong member of a detail by its path, such as `authorization_details[0].models[2]`. */
export function nameDetail(index: number, { member, rule }: WrongMember): WrongDetails {
  return { path: `authorization_details[${index}]${member === '' ? '' : `.${member}`}`, rule };
}

/** The details of a request whose `authorization_details` oidc-provider has parsed already. */
export function listDetails(parameters: RequestParameters): readonly AuthorizationDetail[] {
  return JSON.parse(String(parameters['authorization_details'])) as AuthorizationDetail[];
}

function readDetails(parameters: RequestParameters, models: ModelCatalogue): AiAccessRequest[] {
  if (!hasDetails(parameters)) return [];
  // oidc-provider has already checked that `authorization_details` is a list of objects with a known type.
  return listDetails(parameters).map((detail, index) => readDetail(detail, index, models));
}
