import { isJsonObject, parseScope } from '@aipassport/policy';
import type { Configuration } from '../configuration.js';
import type { Middleware } from '../context.js';
import { paths } from '../endpoints.js';
import { linkMembers } from '../interaction/client-links.js';
import { readBody } from '../read-body.js';
import { parseHttpsUrl } from '../text/parse-https-url.js';
import { adminScopesMember, profileMember } from './client-members.js';
import { changeAnswer } from './engine/change-answer.js';
import { replayBody } from './engine/replay-body.js';
import { inferApplicationType } from './infer-application-type.js';
import { defaultGrantTypes, deviceGrantType, listOfferedValues, type OfferedValues } from './offered.js';

type Metadata = Readonly<Record<string, unknown>>;

/**
 * Members that are left out of every registration. If a client had one of the first three, this server would refuse
 * each of its requests without `openid`. For `sector_identifier_uri`, this server would have to fetch a document
 * (SSRF). The last two are our own members, which clients must not set.
 */
const leftOut = [
  'default_acr_values',
  'default_max_age',
  'require_auth_time',
  'sector_identifier_uri',
  profileMember,
  adminScopesMember,
];
/** Members about the keys of a client. Without `private_key_jwt` they have no effect, so they are left out. */
const aboutKeys = ['jwks_uri', 'token_endpoint_auth_signing_alg'];

/**
 * Accepts a registration that asks for more than this server offers (RFC 7591 section 2). The values that are offered
 * are registered. The others are left out or replaced with the default. The answer says what was registered.
 */
export function adaptRegistrations(configuration: Pick<Configuration, 'models' | 'idTokenKeys'>): Middleware {
  const offered = listOfferedValues(configuration);
  return async (ctx, next) => {
    if (ctx.path !== paths.registration || ctx.method !== 'POST' || !ctx.is('application/json')) return next();
    const body = (await readBody(ctx)).toString();
    const asked = parseObject(body);
    replayBody(ctx.req, asked === undefined ? body : JSON.stringify(adaptMetadata(asked, offered)));
    await next();
    const scope = asked?.['scope'];
    if (ctx.status !== 201 || typeof scope !== 'string') return;
    changeAnswer(ctx, (answer) => ({ ...answer, scope: keepKnown(scope, configuration.models) }));
  };
}

/** @returns undefined for malformed JSON, which oidc-provider refuses */
function parseObject(json: string): Metadata | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Chooses the metadata to store from the metadata that a client sent. `scope` is not stored, because any client may ask
 * for any scope and the owner decides.
 */
export function adaptMetadata({ scope: _scope, ...asked }: Metadata, offered: OfferedValues): Metadata {
  const ignored = asked['token_endpoint_auth_method'] === 'private_key_jwt' ? leftOut : [...leftOut, ...aboutKeys];
  const given = Object.entries(asked).filter(
    ([member, value]) => value !== null && value !== '' && !ignored.includes(member) && isShowable(member, value),
  );
  const metadata = Object.fromEntries(given.flatMap(([member, value]) => keepOffered(offered, member, value)));
  const { grant_types: types = defaultGrantTypes } = metadata as { readonly grant_types?: unknown };
  return {
    ...(usesCodes(types) ? {} : { response_types: [], redirect_uris: [] }),
    ...metadata,
    grant_types: keepUsable(types, metadata),
    application_type: inferApplicationType(metadata),
  };
}

/** Whether a member is kept. A link must use https, because the consent page shows it to people. */
function isShowable(member: string, value: unknown): boolean {
  return !linkMembers.includes(member) || typeof value !== 'string' || parseHttpsUrl(value) !== undefined;
}

/**
 * A public client cannot authenticate, so `client_credentials` is left out of its grant types. A list with only
 * this type stays as it is.
 */
function keepUsable(types: unknown, { token_endpoint_auth_method: method }: Metadata): unknown {
  return Array.isArray(types) && types.length > 1 && method === 'none'
    ? types.filter((type) => type !== 'client_credentials')
    : types;
}

/**
 * Whether the client redirects browsers. A client for terminals only (RFC 8628) has no response type and no redirect
 * URI.
 */
function usesCodes(types: unknown): boolean {
  return !Array.isArray(types) || !types.includes(deviceGrantType) || types.includes('authorization_code');
}

/** A list that contains no offered value stays as it is. oidc-provider then refuses it and names the allowed values. */
function keepOffered(offered: OfferedValues, member: string, value: unknown): readonly (readonly [string, unknown])[] {
  const values = Object.hasOwn(offered, member) ? offered[member] : undefined;
  if (values === undefined) return [[member, value]];
  if (!Array.isArray(value)) return typeof value !== 'string' || values.includes(value) ? [[member, value]] : [];
  const kept = value.filter((one) => values.includes(one));
  return [[member, kept.length === 0 ? value : kept]];
}

function keepKnown(scope: string, models: Configuration['models']): string {
  const words = new Set(scope.split(' '));
  return [...words].filter((word) => word !== '' && parseScope(word, models).ok).join(' ');
}
