import type { ConfigurationWarning, Variables } from './warning.js';

const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'];

/** Warns about environment variables that have no effect, or that weaken a protection of the program. */
export function listEnvironmentWarnings(variables: Variables): readonly ConfigurationWarning[] {
  const set = proxies.flatMap((name) => [name, name.toLowerCase()]).filter((name) => variables[name]);
  return [
    ...(set.length === 0
      ? []
      : [
          {
            variables: set,
            text: `${set.join(', ')}: not used. Calls to AI providers go out directly, so this machine must be able to reach them.`,
          },
        ]),
    ...(variables['NODE_TLS_REJECT_UNAUTHORIZED'] === '0'
      ? [
          {
            variables: ['NODE_TLS_REJECT_UNAUTHORIZED'],
            text: 'NODE_TLS_REJECT_UNAUTHORIZED is 0: anyone between this machine and the AI providers can read the keys that are sent to them. Name your own authority in NODE_EXTRA_CA_CERTS instead.',
          },
        ]
      : []),
  ];
}
