import { environment as authorizationServer } from '@aipassport/authorization-server/environment';
import {
  databaseUrl,
  defineEnvironment,
  type EnvironmentOf,
  filePath,
  integer,
  optional,
  port,
  withDefault,
} from '@aipassport/contracts';
import { upstreamVariables } from '@aipassport/policy';
import { transitVariables } from '@aipassport/resource-proxy/operating';
import { adminKeyVariables } from './bills/bill-sources.js';

/** The settings of `npm start` and of the operator's commands. */
export const launcherEnvironment = defineEnvironment({
  AIPASSPORT_DATA: withDefault(filePath, 'data', {
    description: 'The directory with everything that must survive a restart: the database, the keys, the logs.',
  }),
  DATABASE_URL: optional(databaseUrl, {
    description: 'A PostgreSQL of your own. Without it, `npm start` starts one with its data in `AIPASSPORT_DATA`.',
  }),
  AUTHORIZATION_DATABASE_URL: optional(databaseUrl, {
    description:
      'The same database, as the role of the authorization server: `aipassport_authorization`. Without it `npm start` lets that server use `DATABASE_URL`.',
  }),
  PROXY_DATABASE_URL: optional(databaseUrl, {
    description:
      'The same database, as the role of the resource proxy: `aipassport_proxy`. Without it `npm start` lets that server use `DATABASE_URL`.',
  }),
  AUDIT_KEYS_FILE: authorizationServer.variables.AUDIT_KEYS_FILE,
  /** The commands `rotate-sealing-key` and `doctor` read these settings. */
  ...transitVariables,
  /** The command `clients create` reads this setting. */
  REDIRECT_SCHEMES: authorizationServer.variables.REDIRECT_SCHEMES,
  MAX_HEAP_MB: optional(integer(64, 65_536), {
    description: 'For `npm start`: the most that the JavaScript heap of either server may take, in megabytes.',
  }),
  AUTHORIZATION_SERVER_PORT: withDefault(port, '4000', { description: 'The port of the authorization server.' }),
  RESOURCE_PROXY_PORT: withDefault(port, '4100', { description: 'The port of the resource proxy.' }),
  DEMO_APP_PORT: withDefault(port, '4200', { description: 'The port of the demo app.' }),
  SIMULATED_UPSTREAM_PORT: withDefault(port, '4300', {
    description: 'The port of the simulated AI provider, which runs when no API key is given.',
  }),
  AUTHORIZATION_SERVER_METRICS_PORT: optional(port, {
    description:
      'The port on 127.0.0.1 on which the authorization server offers its metrics; without it, it offers none.',
  }),
  RESOURCE_PROXY_METRICS_PORT: optional(port, {
    description: 'The port on 127.0.0.1 on which the resource proxy offers its metrics; without it, it offers none.',
  }),
  POSTGRES_PORT: optional(port, {
    description: 'The port of the PostgreSQL that `npm start` starts; by default, any free port.',
  }),
  AUDIT_RETENTION_DAYS: optional(integer(1, 36_500), {
    description: 'For how many days the audit log is kept; for ever by default. Read by `init` and `start`.',
  }),
  ENDED_GRANTS_RETENTION_DAYS: optional(integer(1, 36_500), {
    description:
      'For how many days a grant is kept after it has expired or was revoked; for ever by default. Its rows in the ledger stay. Read by `init` and `start`.',
  }),
  UNUSED_CLIENTS_RETENTION_DAYS: withDefault(integer(1, 36_500), '90', {
    description:
      'For how many days an unused client is kept, if it registered itself and has no grant. Read by `init` and `start`.',
  }),
  ...upstreamVariables.keys,
  /** The command `reconcile` reads these keys. */
  ...adminKeyVariables,
});

export type LauncherEnvironment = EnvironmentOf<typeof launcherEnvironment>;
