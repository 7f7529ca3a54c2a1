import {
  baseUrl,
  defineEnvironment,
  type EnvironmentOf,
  filePath,
  flag,
  listOfNames,
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
import { contact } from './help/parse-contact.js';
import { newAccountLimit, suggestionVariables, usualNewAccountLimit } from './limits/suggested-limits.js';
import { mailSender, smtpUrl } from './mail/mail-variables.js';

/** All settings of the authorization server that an operator can set. */
export const environment = defineEnvironment({
  ...serverVariables,
  PORT: withDefault(port, '4000', { description: 'The port to listen on.' }),
  ISSUER: withDefault(baseUrl(), 'http://localhost:4000', {
    description:
      'The issuer identifier (RFC 8414): the URL, without a path, under which browsers and clients reach this server.',
  }),
  RESOURCE_PROXY_URL: withDefault(baseUrl(), 'http://localhost:4100', {
    description: 'The public URL of the resource proxy: the audience of every access token.',
  }),
  PROXY_CLIENT_ID: proxyClientId,
  SIGNING_KEYS_FILE: required(filePath, {
    description:
      'A file with the private JSON Web Key Set that signs tokens; new tokens are signed with its first key, and all its public keys are published. It is read again when it changes.',
  }),
  ID_TOKEN_KEYS_FILE: optional(filePath, {
    description:
      'A file with a private JSON Web Key Set of RSA keys, which signs the ID tokens of clients that accept only RS256, as many OpenID Connect libraries do. Without this file, RS256 is not offered.',
  }),
  COOKIE_KEYS_FILE: required(filePath, {
    description:
      'A file with a JSON array of secrets that sign cookies and forms. The first secret signs; all of them verify. It is read again when it changes.',
  }),
  AUDIT_KEYS_FILE: optional(filePath, {
    description:
      'A file with a JSON array of secrets that seal the audit log, so that `aipassport audit verify` finds changes that were made in the database. The first secret seals; all of them verify. Without this file, the log is not sealed.',
  }),
  SEALING_PUBLIC_KEY_FILE: required(filePath, {
    description:
      'A file with the public JWK (X25519) of the resource proxy, to which API keys are sealed. The server reads the file each time that it seals an API key.',
  }),
  ACCOUNT_CREATION: optional(oneOf(['open', 'invite', 'off']), {
    description:
      'Who may create an account: `open` for everyone, `invite` for people with an invitation, `off` for no one. By default `open` where ISSUER is a loopback address, else `invite`.',
  }),
  IDENTITY_PROVIDERS_FILE: optional(filePath, {
    description:
      'A file with the other servers at which owners can sign in (OpenID Connect): a JSON array of objects with `name`, `label`, `issuer`, `client_id` and `client_secret`. It is read again when it changes. See docs/operations.md.',
  }),
  CLIENT_REGISTRATION: withDefault(oneOf(['open', 'token', 'off']), 'off', {
    description:
      'Which clients may register themselves: all (`open`), those that have the REGISTRATION_TOKEN (`token`), or none (`off`).',
  }),
  REGISTRATION_TOKEN: optional(secret, {
    description:
      'The initial access token (RFC 7591) that clients must send to register when CLIENT_REGISTRATION is `token`. Its file is read again when it changes.',
  }),
  CLIENT_METADATA_DOCUMENTS: optional(oneOf(['on', 'off']), {
    description:
      'Whether a client identifier may be the https URL of the client’s metadata, which this server then fetches (OAuth Client ID Metadata Document). By default `on` where CLIENT_REGISTRATION is `open`, else `off`.',
  }),
  CLIENT_METADATA_HOSTS: withDefault(listOfNames(/^[a-z0-9.-]+(:\d{1,5})?$/), '', {
    description:
      'Hosts of your own network, such as `apps.internal:8443`. Metadata and logos of clients may be fetched from them although their IP addresses are private or their port is not 443. All other hosts must be public.',
  }),
  DEVELOPER_CLIENTS: optional(oneOf(['on', 'off']), {
    description:
      'Whether every account may register apps of its own, up to 20, on the page for developers. Such apps are not verified. By default `on` where CLIENT_REGISTRATION is `open`, else `off`.',
  }),
  PLAYGROUND: withDefault(oneOf(['on', 'off']), 'off', {
    description:
      'Whether developers may try the whole flow with their own account, on the page *Playground*. `npm start` sets it to `on`.',
  }),
  DPOP_NONCE: withDefault(oneOf(['optional', 'required']), 'optional', {
    description:
      'Whether the DPoP proofs of clients (RFC 9449) must contain a nonce of this server. A client that sends a proof gets a nonce in either case.',
  }),
  REDIRECT_SCHEMES: withDefault(listOfNames(/^[a-z][a-z0-9+-]*$/), '', {
    description:
      'Schemes of redirect URIs that clients may register although they are not domain names, such as `cursor,vscode`. Any program on a machine can claim them.',
  }),
  SMTP_URL: optional(smtpUrl, {
    description:
      'The mail server that sends e-mails, such as `smtps://user:password@mail.example.com` (port 465) or `smtp://…` (port 587, with STARTTLS). With `?tls=none` the connection is not encrypted: only for a mail server in the same trusted network. Without SMTP_URL and MAIL_OUTBOX, no e-mails are sent, and the pages do not mention them. Its file is read again when it changes.',
  }),
  MAIL_FROM: optional(mailSender, {
    description: 'The sender of the e-mails, such as `AIPassport <no-reply@example.com>`. Needed with SMTP_URL.',
  }),
  MAIL_OUTBOX: optional(filePath, {
    description:
      'A directory into which e-mails are written as files instead of being sent. Use it only to try things out, because the files contain links that set passwords. `npm start` uses `outbox` in its data directory if SMTP_URL is not set.',
  }),
  OPERATOR_CONTACT: optional(contact, {
    description: 'Where owners reach you: an email address or an `https://` URL. The page *Help* shows it to everyone.',
  }),
  ALLOW_OPERATOR_KEYS: withDefault(flag, 'false', {
    description: 'Whether the API keys in the environment of the resource proxy serve every account.',
  }),
  OPERATOR_KEYS_FOR: withDefault(listOfNames(/^[a-z][a-z0-9]*$/), '', {
    description:
      'The AI providers for which the resource proxy has an API key of the operator. Owners see them on the page “API keys”.',
  }),
  ...operatorCaps,
  SIMULATED_UPSTREAM: withDefault(flag, 'false', {
    description:
      'Whether a simulation answers the requests for which there is no API key. Owners see this on the page “API keys”.',
  }),
  CHECK_PROVIDER_KEYS: withDefault(flag, 'true', {
    description:
      'Whether the authorization server asks the AI provider for its list of models, which is free, when an owner saves a key. A key that the provider refuses is then saved only if the owner insists. Set it to false if this server cannot reach the internet.',
  }),
  PRICES_FILE: optional(filePath, {
    description:
      'A JSON file with models and prices of your own, so that apps can ask for these models. Use the same file as at the resource proxy. See docs/operations.md.',
  }),
  ...unknownModels,
  NEW_ACCOUNT_MAX_COST_USD_PER_MONTH: withDefault(newAccountLimit, usualNewAccountLimit, {
    description:
      'The overall monthly spending limit of a new account; `off` means no limit. The owner may change it. `aipassport accounts create` uses it too.',
  }),
  ...suggestionVariables,
  ...upstreamVariables.urls,
});

/**
 * The memory outside of the JavaScript heap. At most two passwords are hashed at a time, with 64 MiB each. The rest is
 * for code, stacks and Node.js itself.
 */
export const outsideHeapMegabytes = 256;

export type Environment = EnvironmentOf<typeof environment>;
