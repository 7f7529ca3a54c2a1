import {
  baseUrl,
  databaseUrl,
  defineEnvironment,
  type EnvironmentOf,
  filePath,
  flag,
  integer,
  listOf,
  oneOf,
  optional,
  port,
  proxyClientId,
  required,
  secret,
  serverVariables,
  withDefault,
} from '@aipassport/contracts';
import { operatorCaps, unknownModels, upstreamVariables } from '@aipassport/policy';
import { transitVariables } from './provider-keys/transit-settings.js';

/** All settings of the resource proxy. */
export const environment = defineEnvironment({
  ...serverVariables,
  PORT: withDefault(port, '4100', { description: 'The port to listen on.' }),
  DATABASE_DIRECT_URL: optional(databaseUrl, {
    description:
      'The same database without a pooler, if DATABASE_URL leads to one: revocation notifications arrive over this connection.',
  }),
  DATABASE_CONNECTIONS: withDefault(integer(2, 200), '10', {
    description: 'The maximum number of connections to the database, besides the one for revocation notifications.',
  }),
  ISSUER: withDefault(baseUrl(), 'http://localhost:4000', {
    description: 'The issuer identifier of the authorization server whose tokens are accepted.',
  }),
  AS_INTERNAL_URL: optional(baseUrl({ internal: true }), {
    description: 'The URL at which this server reaches the authorization server, if it is not ISSUER.',
  }),
  RESOURCE_PROXY_URL: withDefault(baseUrl(), 'http://localhost:4100', {
    description: 'The public URL of this server: the audience of every access token.',
  }),
  PROXY_CLIENT_ID: proxyClientId,
  PROXY_CLIENT_SECRET: required(secret, {
    description: 'The secret of the client `PROXY_CLIENT_ID`. Its file is read again when it changes.',
  }),
  SEALING_PRIVATE_KEY_FILE: required(filePath, {
    description:
      'A file with the JWK that unseals API keys: a private one (X25519), or one that names a key in a transit engine. While the sealing key is rotated, a JWK Set. The file is read again when it changes.',
  }),
  ...transitVariables,
  ALLOW_OPERATOR_KEYS: withDefault(flag, 'false', {
    description:
      'Whether the API keys below serve accounts that have no API key of their own for the same AI provider.',
  }),
  ...operatorCaps,
  ...upstreamVariables.keys,
  ...upstreamVariables.urls,
  SIMULATED_UPSTREAM_URL: optional(baseUrl({ internal: true }), {
    description: 'The URL of a simulation of the AI providers, which gets the requests for which there is no API key.',
  }),
  PRICES_FILE: optional(filePath, {
    description:
      'A JSON file with models, prices and discounts of your own, which replace the built-in ones. Use the same file as at the authorization server. See docs/operations.md.',
  }),
  ...unknownModels,
  UNKNOWN_FIELDS: withDefault(oneOf(['drop', 'refuse']), 'drop', {
    description:
      'What happens to unknown members of a request. `drop`: they are left out, and the header `aipassport-dropped` of the answer names them. `refuse`: the request is refused.',
  }),
  REQUEST_FIELDS_FILE: optional(filePath, {
    description:
      'A JSON file with members, values, kinds of tools and betas of requests that you know to be harmless: see docs/operations.md.',
  }),
  LEASE_SECONDS: withDefault(integer(2, 300), '10', {
    description:
      'If this server has not renewed its lease for this long, the other servers consider it dead and charge its reservations.',
  }),
  ACCEPT_UNSAFE_DATABASE: withDefault(listOf(['fsync', 'full_page_writes', 'synchronous_commit']), '', {
    description:
      'Settings of PostgreSQL that may be off. By default the server does not start while one of them is off, because a crash of the database could then lose revocations and spending.',
  }),
  DRAIN_SECONDS: withDefault(integer(0, 600), '3', {
    description: 'For how many seconds open streams may continue after `UNREADY_SECONDS`.',
  }),
});

/**
 * The memory that the process needs besides the JavaScript heap: 512 MB for request bodies and the threads that check
 * them, 256 MB for code, stacks and Node.js itself.
 */
export const outsideHeapMegabytes = 768;

export type Environment = EnvironmentOf<typeof environment>;
