import type { Variable } from '@aipassport/contracts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Settings of the machine that any Node process may need, such as its certificates. */
const machineVariables = ['LANG', 'LC_ALL', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'TZ'];

export function pickMachineSettings(variables: Variables): Record<string, string> {
  return pick(variables, machineVariables);
}

/**
 * The settings that `npm start` decides for the two servers, such as the URLs, the key files, the size of the heap, and
 * how fast the servers end. They are not forwarded from the environment of `npm start`. But `npm start` itself reads
 * `DATABASE_URL`, `DATABASE_DIRECT_URL` and `MAX_HEAP_MB` from it, and decides accordingly.
 */
export const decidedSettings: readonly string[] = [
  'NODE_ENV',
  'HOST',
  'PORT',
  'METRICS_HOST',
  'METRICS_PORT',
  'DATABASE_URL',
  'DATABASE_DIRECT_URL',
  'ISSUER',
  'AS_INTERNAL_URL',
  'RESOURCE_PROXY_URL',
  'SIGNING_KEYS_FILE',
  'ID_TOKEN_KEYS_FILE',
  'COOKIE_KEYS_FILE',
  'AUDIT_KEYS_FILE',
  'SEALING_PUBLIC_KEY_FILE',
  'SEALING_PRIVATE_KEY_FILE',
  'PROXY_CLIENT_ID',
  'PROXY_CLIENT_SECRET',
  'ALLOW_OPERATOR_KEYS',
  'OPERATOR_KEYS_FOR',
  'SIMULATED_UPSTREAM',
  'SIMULATED_UPSTREAM_URL',
  'UNREADY_SECONDS',
  'DRAIN_SECONDS',
  'MAX_HEAP_MB',
];

/**
 * Picks the settings of one server that the operator set. The server's own declarations list its settings. So a new
 * setting cannot be forgotten here, and no server gets the secrets of the other server.
 */
export function forwardSettings(
  declared: Readonly<Record<string, Variable<unknown>>>,
  variables: Variables,
): Record<string, string> {
  const names = Object.entries(declared)
    .filter(([name]) => !decidedSettings.includes(name))
    .flatMap(([name, { secret }]) => (secret ? [name, `${name}_FILE`] : [name]));
  return pick(variables, names);
}

function pick(variables: Variables, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = variables[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
