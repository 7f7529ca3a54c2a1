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
  text,
  withDefault,
} from '@aipassport/contracts';
import { operatorCaps, unknownModels, upstreamVariables } from '@aipassport/policy';

/** All that an operator can set at the resource proxy. */
export const environment = defineEnvironment({
  NODE_ENV: withDefault(text, 'production', { description: 'As in Node.js itself.' }),
  HOST: withDefault(text, '127.0.0.1', { description: 'The address to listen on.' }),
  PORT: withDefault(port, '4100', { description: 'The port to listen on.' }),
  LOG_LEVEL: withDefault(oneOf(['debug', 'info', 'warn', 'error']), 'info', {
    description: 'The least severe log line that is written.',
  }),
  MAX_HEAP_MB: optional(integer(64, 65_536), {
    description:
      'The most that its JavaScript heap may take, in megabytes. By default what the memory limit of its container leaves.',
  }),
  DATABASE_URL: required(databaseUrl, {
    description:
      'The PostgreSQL database that both servers share. For several hosts, `sslmode` and poolers see docs/operations.md.',
  }),
  DATABASE_DIRECT_URL: optional(databaseUrl, {
    description:
      'The same database, past any pooler, where DATABASE_URL leads to one: revocations are heard over this connection.',
  }),
  DATABASE_CONNECTIONS: withDefault(integer(2, 200), '10', {
    description: 'How many connections to the database it may hold, besides the one that hears of revocations.',
  }),
  ISSUER: withDefault(baseUrl(), 'http://localhost:4000', {
    description: 'The issuer identifier of the authorization server whose tokens are accepted.',
  }),
  AS_INTERNAL_URL: optional(baseUrl({ internal: true }), {
    description: 'Where this server reaches the authorization server, when that is not at ISSUER.',
  }),
  RESOURCE_PROXY_URL: withDefault(baseUrl(), 'http://localhost:4100', {
    description: 'The public URL of this server: the audience of every access token.',
  }),
  PROXY_CLIENT_ID: proxyClientId,
  PROXY_CLIENT_SECRET: required(secret, { description: 'The secret of that client.' }),
  SEALING_PRIVATE_KEY_FILE: required(filePath, {
    description:
      'A file with the private JWK (X25519) that opens provider keys; while it is rotated, a JWK Set. It is read again when it changes.',
  }),
  ALLOW_OPERATOR_KEYS: withDefault(flag, 'false', {
    description: 'Whether the provider keys below serve every account that has none of its own.',
  }),
  ...operatorCaps,
  ...upstreamVariables.keys,
  ...upstreamVariables.addresses,
  SIMULATED_UPSTREAM_URL: optional(baseUrl({ internal: true }), {
    description: 'Where calls go for which there is no provider key at all: a simulation of the AI providers.',
  }),
  PRICES_FILE: optional(filePath, {
    description:
      'A JSON file with models and prices of your own, and discounts, which go before the built-in ones: see docs/operations.md. The same as at the authorization server.',
  }),
  ...unknownModels,
  UNKNOWN_FIELDS: withDefault(oneOf(['drop', 'refuse']), 'drop', {
    description:
      'What happens to members of a request that are not known here: they are left out of what is forwarded and named in the header `aipassport-dropped`, or the request is refused.',
  }),
  REQUEST_FIELDS_FILE: optional(filePath, {
    description:
      'A JSON file with members, values, kinds of tools and betas of requests that you know to be harmless: see docs/operations.md.',
  }),
  LEASE_SECONDS: withDefault(integer(2, 300), '10', {
    description:
      'When this server has not been heard of for so long, the others take it for dead and charge what it had set aside.',
  }),
  ACCEPT_UNSAFE_DATABASE: withDefault(listOf(['fsync', 'full_page_writes', 'synchronous_commit']), '', {
    description:
      'The settings of the database that may be off. Without them a crash of the database can forget revocations and spending.',
  }),
  UNREADY_SECONDS: withDefault(integer(0, 600), '5', {
    description:
      'How long this server goes on serving when it is asked to stop, while `/health/ready` says that it is not ready: as long as load balancers need to notice. 0 where nothing balances.',
  }),
  DRAIN_SECONDS: withDefault(integer(0, 600), '3', {
    description: 'How long open streams may go on after that.',
  }),
});

/** 512 MB for request bodies and the threads that check them, 256 MB for code, stacks and Node itself. */
export const outsideHeapMegabytes = 768;

export type Environment = EnvironmentOf<typeof environment>;
