import type { Database } from '@aipassport/store';
import type { AdapterFactory } from 'oidc-provider';
import { createArtifactAdapter } from './artifact-adapter.js';
import { createClientAdapter } from './client-adapter.js';
import { createGrantAdapter } from './grant-adapter.js';

/** Where oidc-provider keeps each of its models. */
export function createAdapterFactory(db: Database, resource: string): AdapterFactory {
  return (model) => {
    switch (model) {
      case 'Client':
        return createClientAdapter(db);
      case 'Grant':
        return createGrantAdapter(db, resource);
      default:
        return createArtifactAdapter(db, model, resource);
    }
  };
}
