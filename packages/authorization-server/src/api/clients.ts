import { formatDecimalUsd } from '@aipassport/policy';
import { findOwnedClient, listOwnedClients, type OwnedClient } from '@aipassport/store/authorization';
import { Denied } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import { describeClient } from '../developers/client-entry.js';
import { requireDeveloperClients } from '../developers/require-developer.js';
import { countShownOwners } from '../developers/shown-owners.js';
import type { ApiCall, Specified } from './api-call.js';
import { orNull } from './values.js';

/** `GET /api/account/clients` */
export async function getClients(deps: Dependencies, { caller }: ApiCall): Promise<Specified['OwnClientList']> {
  requireDeveloperClients(deps);
  return { clients: (await listOwnedClients(deps.db, caller.accountId)).map(describeOwnClient) };
}

/** `GET /api/account/clients/:client_id` */
export async function getClient(deps: Dependencies, call: ApiCall): Promise<Specified['OwnClient']> {
  return describeOwnClient(await requireClient(deps, call));
}

async function requireClient(deps: Dependencies, { caller, value: clientId }: ApiCall): Promise<OwnedClient> {
  requireDeveloperClients(deps);
  const client = await findOwnedClient(deps.db, { accountId: caller.accountId, clientId });
  if (client === undefined) throw new Denied({ reason: 'api_object_unknown' });
  return client;
}

function describeOwnClient(client: OwnedClient): Specified['OwnClient'] {
  const { id, type, hasSecret, createdAt, previousSecretsEndAt, usage } = client;
  const { name, site, redirectUris } = describeClient(client);
  return {
    client_id: id,
    name,
    type,
    site: site === '' ? null : site,
    redirect_uris: [...redirectUris],
    has_secret: hasSecret,
    created_at: createdAt.toISOString(),
    previous_secrets_end_at: previousSecretsEndAt.map((at) => at.toISOString()),
    usage: {
      live_grants: usage.liveGrants,
      owners: orNull(countShownOwners(usage)),
      requests: usage.requests,
      cost_usd: formatDecimalUsd(usage.cost),
    },
  };
}
