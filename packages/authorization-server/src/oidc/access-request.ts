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
import { type AuthorizationDetail, errors } from 'oidc-provider';
import { InvalidScope } from './engine/provider-errors.js';

/** The parameters of an authorization request, such as `scope` and `authorization_details`. */
export interface RequestParameters {
  readonly [name: string]: unknown;
}

/**
 * Reads all access that a client asks for, in `scope` and in `authorization_details`.
 * @throws InvalidScope for scope tokens that are not known
 * @throws InvalidAuthorizationDetails
 */
export function readAccessRequest(parameters: RequestParameters, models: ModelCatalogue): AccessRequest {
  return buildAccessRequest(readScope(parameters, models), readDetails(parameters, models), models);
}

export function readScope(parameters: RequestParameters, models: ModelCatalogue): Scope {
  const scope = typeof parameters['scope'] === 'string' ? parameters['scope'] : '';
  const parsed = parseScope(scope, models);
  if (!parsed.ok) throw new InvalidScope(describeUnknown(parsed.unknownToken), parsed.unknownToken);
  return parsed.scope;
}

const maxNamedLength = 100;

/**
 * Names an unknown scope token. Characters that RFC 6749 section 3.3 does not allow in a scope token are left out,
 * because `error_description` must not contain them either.
 */
function describeUnknown(scopeToken: string): string {
  const named = scopeToken.replace(/[^\x21\x23-\x5b\x5d-\x7e]/g, '').slice(0, maxNamedLength);
  return `scope names a model or capability that is not known: ${named}`;
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
  if (!parsed.ok) throw refuseDetail(index, parsed);
  return parsed.request;
}

export function refuseDetail(index: number, wrong: WrongMember) {
  return new errors.InvalidAuthorizationDetails(describeWrongMember(index, wrong));
}

/**
 * Names the wrong member by its path, such as `authorization_details[0].models[2]`, and the values that are allowed.
 */
export function describeWrongMember(index: number, { member, rule }: WrongMember): string {
  return `authorization_details[${index}]${member === '' ? '' : `.${member}`} ${rule}`;
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
