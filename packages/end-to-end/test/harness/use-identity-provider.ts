import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { type OpenIdProvider, startOpenIdProvider } from './openid-provider.js';

export interface IdentityProvider {
  /** The setting with which the authorization servers offer it. */
  readonly variables: Readonly<Record<string, string>>;
  /** Who signs in next; undefined: someone who refuses. */
  readonly setPerson: (person: OpenIdProvider['person']) => void;
}

/**
 * Starts an identity provider before the tests of a file. Must be called before `useWalks`, which reads the setting.
 */
export function useIdentityProvider(): IdentityProvider {
  const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-identities-'));
  const file = path.join(directory, 'providers.json');
  let provider: OpenIdProvider | undefined;
  beforeAll(async () => {
    provider = await startOpenIdProvider();
    writeFileSync(file, JSON.stringify([provider.entry]));
  });
  afterAll(async () => {
    await provider?.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    variables: { IDENTITY_PROVIDERS_FILE: file },
    setPerson: (person) => {
      if (provider === undefined) throw new Error('the identity provider has not started');
      provider.person = person;
    },
  };
}
