import {
  type ConfigurationWarning,
  type EnvironmentSource,
  isLoopbackHost,
  listEnvironmentWarnings,
  listMisspelt,
} from '@aipassport/contracts';
import { createUpstreamCatalogue, readPriceOverrides, upstreamVariables } from '@aipassport/policy';
import { type Environment, environment } from './environment.js';

/**
 * Settings that the operator should check, although the server starts with them. The warnings contain names, never
 * values.
 */
export function listWarnings(source: EnvironmentSource): readonly ConfigurationWarning[] {
  const { variables } = source;
  const values = environment.read(source);
  const { entries } = createUpstreamCatalogue(readPriceOverrides(source, values)?.upstreams);
  const providerKeys = Object.keys(upstreamVariables.describeKeys(entries)); // this server needs no provider keys
  const foreign = providerKeys.flatMap((name) => [name, `${name}_FILE`]).filter((name) => variables[name]);
  return [
    ...listMisspelt(variables),
    // The other warnings of `listEnvironmentWarnings` are about calls to AI providers. This server calls AI providers
    // only to check a new provider key, and a provider key can be stored even if this check fails.
    ...listEnvironmentWarnings(variables).filter(({ variables: [name] }) => name === 'NODE_TLS_REJECT_UNAUTHORIZED'),
    ...listNetworkWarnings(values),
    ...listSwitchWarnings(values),
    ...(foreign.length === 0
      ? []
      : [
          {
            variables: foreign,
            text: `${foreign.join(', ')}: this server needs no API key and uses none. Give them to the resource proxy only.`,
          },
        ]),
  ];
}

function listNetworkWarnings(values: Environment): readonly ConfigurationWarning[] {
  const { ISSUER: issuer, RESOURCE_PROXY_URL: proxy, TRUSTED_PROXY_HOPS: hops } = values;
  const isLocal = isLoopbackHost(new URL(issuer).hostname);
  const warnings: ConfigurationWarning[] = [];
  if (issuer.startsWith('https:') && hops === 0)
    warnings.push({
      variables: ['TRUSTED_PROXY_HOPS', 'ISSUER'],
      text: 'TRUSTED_PROXY_HOPS is 0 while ISSUER is https. This server speaks plain http, so there is a reverse proxy in front of it, and every request seems to come from the IP address of that proxy. The limits on guessing passwords then count all people together. Set TRUSTED_PROXY_HOPS to the number of your reverse proxies that append to X-Forwarded-For.',
    });
  if (issuer.startsWith('http:') && hops > 0)
    warnings.push({
      variables: ['TRUSTED_PROXY_HOPS', 'ISSUER'],
      text: 'TRUSTED_PROXY_HOPS is more than 0 while ISSUER is http. If there is no reverse proxy in front of this server, anyone can send a made-up IP address in X-Forwarded-For and so avoid the limits that count by IP address.',
    });
  if (isLocal !== isLoopbackHost(new URL(proxy).hostname))
    warnings.push({
      variables: ['ISSUER', 'RESOURCE_PROXY_URL'],
      text: 'Either ISSUER or RESOURCE_PROXY_URL is a loopback URL, and the other one is not. Clients on other machines cannot reach the loopback URL.',
    });
  return warnings;
}

/** Settings that do not fit each other. */
function listSwitchWarnings(values: Environment): readonly ConfigurationWarning[] {
  const warnings: ConfigurationWarning[] = [];
  if (values.REGISTRATION_TOKEN !== undefined && values.CLIENT_REGISTRATION !== 'token')
    warnings.push({
      variables: ['REGISTRATION_TOKEN', 'CLIENT_REGISTRATION'],
      text: `REGISTRATION_TOKEN is not used while CLIENT_REGISTRATION is ${values.CLIENT_REGISTRATION}: set CLIENT_REGISTRATION to token.`,
    });
  if (values.OPERATOR_KEYS_FOR.length > 0 && !values.ALLOW_OPERATOR_KEYS)
    warnings.push({
      variables: ['OPERATOR_KEYS_FOR', 'ALLOW_OPERATOR_KEYS'],
      text: 'OPERATOR_KEYS_FOR has no effect unless ALLOW_OPERATOR_KEYS is true, here and at the resource proxy.',
    });
  if (values.OPERATOR_KEYS_FOR.length === 0 && values.ALLOW_OPERATOR_KEYS && !values.SIMULATED_UPSTREAM)
    warnings.push({
      variables: ['ALLOW_OPERATOR_KEYS', 'OPERATOR_KEYS_FOR'],
      text: 'ALLOW_OPERATOR_KEYS is true and OPERATOR_KEYS_FOR is empty, so the pages do not tell owners that their apps can use your API keys.',
    });
  return warnings;
}
