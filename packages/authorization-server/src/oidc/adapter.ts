import type { Database } from '@aipassport/store';
import type { AdapterFactory } from 'oidc-provider';
import type { Configuration } from '../configuration.js';
import { createArtifactAdapter } from './artifact-adapter.js';
import { createClientAdapter } from './client-adapter.js';
import { createDeviceCodeAdapter } from './device-code-adapter.js';
import { createGrantAdapter } from './grant-adapter.js';
import { listIdTokenAlgorithms } from './offered.js';

/** Chooses the adapter that stores each of oidc-provider's models. */
export function createAdapterFactory(
  db: Database,
  configuration: Pick<Configuration, 'resourceProxyUrl' | 'idTokenKeys' | 'cookieKeys'>,
): AdapterFactory {
  const { resourceProxyUrl: resource } = configuration;
  return (model) => {
    switch (model) {
      case 'Client':
        return createClientAdapter(db, listIdTokenAlgorithms(configuration));
      case 'Grant':
        return createGrantAdapter(db, resource);
      case 'DeviceCode':
        return createDeviceCodeAdapter(db, configuration);
      default:
        return createArtifactAdapter(db, model, resource);
    }
  };
}
