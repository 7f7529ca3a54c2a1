import type { AuthorizationServerComponents } from '@aipassport/contracts';

/** The schemas of the JSON API, as `openapi/authorization-server.yaml` describes them. */
export type Specified = AuthorizationServerComponents['schemas'];
