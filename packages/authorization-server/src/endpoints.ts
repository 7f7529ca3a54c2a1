import { pathSegment, authorizationServerPaths as shared } from '@aipassport/contracts';
import { adminEndpoints } from './admin-endpoints.js';
import { apiEndpoints } from './api-endpoints.js';
import type { Endpoint } from './endpoint.js';
import { keyEndpoints } from './key-endpoints.js';
import { protocolEndpoints } from './protocol-endpoints.js';

export { formatPath } from '@aipassport/contracts';
export type { Endpoint };

/** The pages and the pictures on them. `routes.ts` has a handler for each method of each page. */
export const pageEndpoints = {
  logo: { path: '/assets/logos/:hash', methods: ['GET'], answers: 'picture' },
  developers: { path: '/developers', methods: ['GET'], answers: 'page' },
  developerClients: { path: '/account/developer/clients', methods: ['GET'], answers: 'page', isReturnTarget: true },
  newDeveloperClient: {
    path: '/account/developer/clients/new',
    methods: ['GET', 'POST'],
    answers: 'page',
    isReturnTarget: true,
  },
  developerClient: {
    path: '/account/developer/clients/:client_id',
    methods: ['GET'],
    answers: 'page',
    isReturnTarget: true,
  },
  developerClientEdit: {
    path: '/account/developer/clients/:client_id/edit',
    methods: ['GET', 'POST'],
    answers: 'page',
    isReturnTarget: true,
  },
  developerClientSecret: { path: '/account/developer/clients/:client_id/secret', methods: ['POST'], answers: 'page' },
  developerClientSecretsEnd: {
    path: '/account/developer/clients/:client_id/end-secrets',
    methods: ['POST'],
    answers: 'page',
  },
  developerClientDeletion: { path: '/account/developer/clients/:client_id/delete', methods: ['POST'], answers: 'page' },
  playground: { path: '/developers/playground', methods: ['GET'], answers: 'page' },
  references: { path: '/docs', methods: ['GET'], answers: 'page' },
  reference: { path: '/docs/:name', methods: ['GET'], answers: 'page' },
  specification: { path: '/openapi.yaml', methods: ['GET'], answers: 'specification', origins: 'any' },
  specificationFile: { path: '/openapi/:file', methods: ['GET'], answers: 'specification', origins: 'any' },
  help: { path: '/help', methods: ['GET'], answers: 'page' },
  root: { path: '/', methods: ['GET'], answers: 'page' },
  account: { path: '/account', methods: ['GET'], answers: 'page', isReturnTarget: true },
  /** The page for a new account gets the options for its first passkey from this endpoint. */
  firstPasskeyOptions: {
    path: '/account/create/passkey-options',
    methods: ['POST'],
    answers: 'json',
    changesLimitedBy: 'own',
  },
  createAccount: { path: '/account/create', methods: ['GET', 'POST'], answers: 'page', changesLimitedBy: 'own' },
  signIn: { path: '/account/sign-in', methods: ['GET', 'POST'], answers: 'page', changesLimitedBy: 'own' },
  secondFactor: { path: '/account/sign-in/code', methods: ['GET', 'POST'], answers: 'page', changesLimitedBy: 'own' },
  passkeySignIn: { path: '/account/sign-in/passkey', methods: ['POST'], answers: 'page', changesLimitedBy: 'own' },
  /** Pages that offer a passkey get the challenge that the passkey signs from this endpoint. */
  passkeyChallenge: {
    path: '/account/sign-in/passkey-challenge',
    methods: ['POST'],
    answers: 'json',
    changesLimitedBy: 'own',
  },
  signOut: { path: '/account/sign-out', methods: ['POST'], answers: 'page', changesLimitedBy: 'none' },
  apps: { path: '/account/apps', methods: ['GET'], answers: 'page', isReturnTarget: true },
  app: { path: '/account/apps/:app_id', methods: ['GET'], answers: 'page', isReturnTarget: true, keptQuery: ['after'] },
  appRemoval: { path: '/account/apps/:app_id/remove', methods: ['POST'], answers: 'page' },
  removeAll: { path: '/account/remove-all', methods: ['GET', 'POST'], answers: 'page', isReturnTarget: true },
  grants: { path: '/account/grants', methods: ['GET'], answers: 'page', isReturnTarget: true },
  grant: { path: '/account/grants/:grant_id', methods: ['GET'], answers: 'page', isReturnTarget: true },
  grantLimits: {
    path: shared.grantLimits,
    methods: ['GET', 'POST'],
    answers: 'page',
    isReturnTarget: true,
  },
  grantRevocation: { path: '/account/grants/:grant_id/revoke', methods: ['POST'], answers: 'page' },
  keys: { path: shared.keys, methods: ['GET', 'POST'], answers: 'page', isReturnTarget: true },
  ...keyEndpoints,
  invitations: { path: '/account/invitations', methods: ['GET', 'POST'], answers: 'page', isReturnTarget: true },
  invitationWithdrawal: { path: '/account/invitations/:id/withdraw', methods: ['POST'], answers: 'page' },
  identities: { path: '/account/identities', methods: ['GET'], answers: 'page', isReturnTarget: true },
  identityStart: { path: '/account/identities/:provider/start', methods: ['GET'], answers: 'page' },
  /** The redirect URI of this server at the identity provider. */
  identityCallback: { path: '/account/identities/:provider/callback', methods: ['GET'], answers: 'page' },
  identityConnection: { path: '/account/identities/:provider/connect', methods: ['POST'], answers: 'page' },
  identityRemoval: { path: '/account/identities/:provider/remove', methods: ['POST'], answers: 'page' },
  password: { path: '/account/password', methods: ['GET', 'POST'], answers: 'page', isReturnTarget: true },
  security: { path: '/account/security', methods: ['GET'], answers: 'page', isReturnTarget: true },
  passkeys: { path: '/account/passkeys', methods: ['GET', 'POST'], answers: 'page', isReturnTarget: true },
  passkeyOptions: { path: '/account/passkeys/options', methods: ['POST'], answers: 'json' },
  passkeyName: { path: '/account/passkeys/:passkey_id/name', methods: ['POST'], answers: 'page' },
  accountTokens: { path: '/account/tokens', methods: ['GET', 'POST'], answers: 'page', isReturnTarget: true },
  accountTokenRemoval: { path: '/account/tokens/:token_id/remove', methods: ['POST'], answers: 'page' },
  passkeyRemoval: { path: '/account/passkeys/:passkey_id/remove', methods: ['POST'], answers: 'page' },
  authenticator: { path: '/account/authenticator', methods: ['GET', 'POST'], answers: 'page', isReturnTarget: true },
  authenticatorConfirmation: { path: '/account/authenticator/confirm', methods: ['POST'], answers: 'page' },
  authenticatorRemoval: { path: '/account/authenticator/remove', methods: ['POST'], answers: 'page' },
  recoveryCodes: { path: '/account/recovery-codes', methods: ['GET', 'POST'], answers: 'page', isReturnTarget: true },
  recoveryCodesSaved: { path: '/account/recovery-codes/saved', methods: ['POST'], answers: 'page' },
  forgottenPassword: {
    path: '/account/forgotten-password',
    methods: ['GET', 'POST'],
    answers: 'page',
    changesLimitedBy: 'own',
  },
  passwordResetLink: {
    path: '/account/forgotten-password/send-link',
    methods: ['POST'],
    answers: 'page',
    changesLimitedBy: 'own',
  },
  passwordReset: { path: '/account/reset', methods: ['GET', 'POST'], answers: 'page', changesLimitedBy: 'none' },
  sessions: { path: '/account/sessions', methods: ['GET'], answers: 'page', isReturnTarget: true },
  otherSessionsEnd: { path: '/account/sessions/end-others', methods: ['POST'], answers: 'page' },
  sessionEnd: { path: '/account/sessions/:session_id/end', methods: ['POST'], answers: 'page' },
  activity: {
    path: '/account/activity',
    methods: ['GET'],
    answers: 'page',
    isReturnTarget: true,
    keptQuery: ['kind', 'app', 'before'],
  },
  activityExport: { path: '/account/activity/export', methods: ['POST'], answers: 'file' },
  accountExport: { path: '/account/export', methods: ['GET', 'POST'], answers: 'file', isReturnTarget: true },
  accountDeletion: { path: '/account/deletion', methods: ['GET', 'POST'], answers: 'page', isReturnTarget: true },
  email: { path: '/account/email', methods: ['GET'], answers: 'page', isReturnTarget: true },
  emailLinkRequest: { path: '/account/email/send-link', methods: ['POST'], answers: 'page' },
  emailChange: { path: '/account/email/change', methods: ['POST'], answers: 'page' },
  emailNotices: { path: '/account/email/notices', methods: ['POST'], answers: 'page' },
  /** The link of an e-mail leads here. */
  emailConfirmation: {
    path: '/account/email/confirm',
    methods: ['GET', 'POST'],
    answers: 'page',
    isReturnTarget: true,
  },
  /** An owner who has signed in again continues here with the form that was sent before. */
  continue: { path: '/account/continue', methods: ['GET'], answers: 'page', isReturnTarget: true },
  settings: { path: '/account/settings', methods: ['GET'], answers: 'page', isReturnTarget: true },
  accountLimit: { path: '/account/settings/limit', methods: ['POST'], answers: 'page' },
  consentDefaults: { path: '/account/settings/defaults', methods: ['POST'], answers: 'page' },
  timeZone: { path: '/account/settings/time-zone', methods: ['POST'], answers: 'page' },
  language: { path: '/account/settings/language', methods: ['POST'], answers: 'page' },
  operator: { path: '/operator', methods: ['GET'], answers: 'page', isReturnTarget: true },
  /** The link that makes an account an operator leads here. */
  operatorClaim: { path: '/operator/claim', methods: ['GET', 'POST'], answers: 'page', isReturnTarget: true },
  operatorAccounts: {
    path: '/operator/accounts',
    methods: ['GET'],
    answers: 'page',
    isReturnTarget: true,
    keptQuery: ['search', 'after'],
  },
  operatorAccount: { path: '/operator/accounts/:account_id', methods: ['GET'], answers: 'page', isReturnTarget: true },
  operatorAccountCap: { path: '/operator/accounts/:account_id/cap', methods: ['POST'], answers: 'page' },
  operatorResetLink: { path: '/operator/accounts/:account_id/reset-link', methods: ['POST'], answers: 'page' },
  operatorInvitations: {
    path: '/operator/invitations',
    methods: ['GET', 'POST'],
    answers: 'page',
    isReturnTarget: true,
    keptQuery: ['after'],
  },
  operatorKeys: {
    path: '/operator/keys',
    methods: ['GET'],
    answers: 'page',
    isReturnTarget: true,
    keptQuery: ['after'],
  },
  operatorCaps: { path: '/operator/keys/caps', methods: ['POST'], answers: 'page' },
  operatorSpending: {
    path: '/operator/spending',
    methods: ['GET'],
    answers: 'page',
    isReturnTarget: true,
    keptQuery: ['month'],
  },
  operatorClients: {
    path: '/operator/clients',
    methods: ['GET'],
    answers: 'page',
    isReturnTarget: true,
    keptQuery: ['search', 'after'],
  },
  operatorChange: {
    path: '/operator/change',
    methods: ['GET', 'POST'],
    answers: 'page',
    isReturnTarget: true,
    keptQuery: ['act', 'subject'],
  },
  operatorAudit: {
    path: '/operator/audit',
    methods: ['GET'],
    answers: 'page',
    isReturnTarget: true,
    keptQuery: ['event', 'email', 'client_id', 'before'],
  },
  operatorAuditExport: { path: '/operator/audit/export', methods: ['POST'], answers: 'file' },
  /** The path is short, because people type it. */
  device: { path: '/device', methods: ['GET', 'POST'], answers: 'page', changesLimitedBy: 'own', isReturnTarget: true },
  deviceRequest: { path: '/device/:code', methods: ['GET'], answers: 'page', isReturnTarget: true },
  deviceConsent: { path: '/device/:code/consent', methods: ['POST'], answers: 'page' },
  deviceSummary: { path: '/device/:code/summary', methods: ['POST'], answers: 'page', changesLimitedBy: 'none' },
  interaction: { path: '/interaction/:uid', methods: ['GET'], answers: 'page', isReturnTarget: true },
  consent: { path: '/interaction/:uid/consent', methods: ['POST'], answers: 'page' },
  consentSummary: { path: '/interaction/:uid/summary', methods: ['POST'], answers: 'page', changesLimitedBy: 'none' },
} as const satisfies Readonly<Record<string, Endpoint>>;

/**
 * Every path of this server. A path that is not listed here gets 404, and a method that is not listed for its path gets
 * 405, even if oidc-provider would answer it. Health checks are not listed: they are answered before any of this code
 * runs.
 */
const endpointsByName = { ...protocolEndpoints, ...pageEndpoints, ...apiEndpoints, ...adminEndpoints };

type Named = typeof endpointsByName;

/** The path, or the template, of an endpoint. */
export type EndpointPath = Named[keyof Named]['path'];

export const endpoints: readonly (Endpoint & { readonly path: EndpointPath })[] = Object.values(endpointsByName);

/** The path or template of each endpoint. */
export const paths = Object.fromEntries(Object.entries(endpointsByName).map(([name, { path }]) => [name, path])) as {
  readonly [Name in keyof Named]: Named[Name]['path'];
}; // the return type of `fromEntries` does not say which path belongs to which name

const patterns: ReadonlyMap<string, RegExp> = new Map(
  endpoints.map(({ path }) => [path, new RegExp(`^${path.replaceAll('.', '\\.').replace(pathSegment, '([^/]+)')}$`)]),
);

/** The endpoint at this path; undefined when there is none. Paths are compared character by character. */
export function findEndpoint(path: string): (typeof endpoints)[number] | undefined {
  return (
    endpoints.find((endpoint) => endpoint.path === path) ??
    endpoints.find(({ path: template }) => patterns.get(template)?.test(path))
  );
}

/** The value of the template's variable segment; undefined when the path does not match the template. */
export function findPathValue(template: string, path: string): string | undefined {
  return patterns.get(template)?.exec(path)?.[1];
}
