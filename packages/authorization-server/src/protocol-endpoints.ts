import { authorizationServerPaths as shared } from '@aipassport/contracts';
import type { Endpoint } from './endpoint.js';

/** oidc-provider itself has the same limit. */
const maxTokenFormBytes = 56 * 1024;

/**
 * The OAuth endpoints: those of oidc-provider, with our middleware before them, and `/userinfo` and
 * `/grants/:grant_id`, which are our own. Also the URL of our assets.
 */
export const protocolEndpoints = {
  oauthMetadata: {
    path: '/.well-known/oauth-authorization-server',
    methods: ['GET'],
    answers: 'json',
    origins: 'any',
  },
  openIdMetadata: { path: '/.well-known/openid-configuration', methods: ['GET'], answers: 'json', origins: 'any' },
  jwks: { path: shared.jwks, methods: ['GET'], answers: 'json', origins: 'any', hosts: 'any' },
  // `origins` is missing, because browsers navigate to this endpoint and no script calls it (RFC 9700 section 2.6).
  authorization: {
    path: '/authorize',
    methods: ['GET', 'POST'],
    answers: 'page',
    storesParameters: true,
    beginsRequests: true,
    takesResource: true,
  },
  /** oidc-provider continues here after an interaction. */
  resumption: { path: '/authorize/:uid', methods: ['GET'], answers: 'page' },
  pushedAuthorizationRequest: {
    path: '/par',
    methods: ['POST'],
    answers: 'json',
    origins: 'registered',
    storesParameters: true,
    beginsRequests: true,
    takesResource: true,
  },
  // `origins` is missing, because terminals call this endpoint and scripts of web pages do not.
  deviceAuthorization: {
    path: '/device_authorization',
    methods: ['POST'],
    answers: 'json',
    storesParameters: true,
    beginsRequests: true,
    takesResource: true,
  },
  token: {
    path: '/token',
    methods: ['POST'],
    answers: 'json',
    origins: 'registered',
    takesResource: true,
    changesLimitedBy: 'own',
  },
  introspection: {
    path: shared.introspection,
    methods: ['POST'],
    answers: 'json',
    changesLimitedBy: 'none',
    hosts: 'any',
    maxBodyBytes: maxTokenFormBytes,
  },
  revocation: {
    path: '/revoke',
    methods: ['POST'],
    answers: 'json',
    changesLimitedBy: 'none',
    origins: 'registered',
    maxBodyBytes: maxTokenFormBytes,
  },
  registration: {
    path: '/register',
    methods: ['POST'],
    answers: 'json',
    origins: 'any_if_open',
    changesLimitedBy: 'own',
  },
  userinfo: {
    path: '/userinfo',
    methods: ['GET', 'POST'],
    answers: 'json',
    origins: 'registered',
    changesLimitedBy: 'none',
  },
  /** The grant management API. The server's metadata contains the URL without the identifier. */
  grantManagement: {
    path: '/grants/:grant_id',
    methods: ['GET', 'DELETE'],
    answers: 'json',
    origins: 'registered',
    changesLimitedBy: 'none',
  },
  endSession: { path: '/logout', methods: ['GET', 'POST'], answers: 'page', storesParameters: true },
  endSessionConfirmation: { path: '/logout/confirm', methods: ['POST'], answers: 'page', changesLimitedBy: 'none' },
  endSessionSuccess: { path: '/logout/success', methods: ['GET'], answers: 'page' },
  assets: { path: '/assets/:file', methods: ['GET'], answers: 'asset' },
} as const satisfies Readonly<Record<string, Endpoint>>;
