import { allowInsecureRequests, type Configuration as Client, ClientSecretBasic, discovery } from 'openid-client';
import type { Logger } from 'pino';
import { Denied } from '../denials/denial.js';
import type { IdentityProvider } from './parse-identity-providers.js';

/**
 * How long a provider's metadata is kept. Then it is read again, because the provider may have moved its endpoints.
 * openid-client itself fetches new signing keys.
 */
const keptMilliseconds = 3_600_000;
const timeoutSeconds = 10;

/** This server as a client of the identity providers. */
export interface IdentityClients {
  readonly providers: readonly IdentityProvider[];
  /** @throws Denied `path_unknown` */
  readonly getProvider: (name: string) => IdentityProvider;
  /** Reads the provider's metadata, and keeps it for an hour. @throws Denied `identity_provider_unavailable` */
  readonly getClient: (provider: IdentityProvider) => Promise<Client>;
}

interface Options {
  readonly log: Logger;
  readonly now: () => Date;
}

export function openIdentityClients(providers: readonly IdentityProvider[], { log, now }: Options): IdentityClients {
  const kept = new Map<string, { readonly client: Promise<Client>; readonly until: number }>();
  return {
    providers,
    getProvider: (name) => {
      const provider = providers.find((one) => one.name === name);
      if (provider === undefined) throw new Denied({ reason: 'path_unknown' });
      return provider;
    },
    getClient: async (provider) => {
      const { name } = provider;
      let entry = kept.get(name);
      if (entry === undefined || entry.until < now().getTime()) {
        entry = { client: discover(provider), until: now().getTime() + keptMilliseconds };
        kept.set(name, entry);
      }
      try {
        return await entry.client;
      } catch (error) {
        if (kept.get(name) === entry) kept.delete(name);
        log.warn({ event: 'identity_provider_unavailable', provider: name, err: error });
        throw new Denied({ reason: 'identity_provider_unavailable' });
      }
    },
  };
}

function discover({ issuer, clientId, clientSecret }: IdentityProvider): Promise<Client> {
  return discovery(new URL(issuer), clientId, undefined, ClientSecretBasic(clientSecret), {
    timeout: timeoutSeconds,
    // The configuration accepts plain http on loopback addresses only.
    execute: issuer.startsWith('http:') ? [allowInsecureRequests] : [],
  });
}
