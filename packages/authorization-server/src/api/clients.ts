import { formatDecimalUsd } from '@aipassport/policy';
import {
  deleteOwnedClient,
  endPreviousSecrets,
  findOwnedClient,
  listOwnedClients,
  lockAccount,
  maxClientsOfAccount,
  type OwnedClient,
  type OwnedClientKey,
} from '@aipassport/store/authorization';
import type { WrongMember } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import { rotateSecret, tooManySecrets } from '../developers/client.js';
import { type ClientEntry, describeClient, listEntryProblems, mapSites } from '../developers/client-entry.js';
import { addClient } from '../developers/clients.js';
import { changeClient } from '../developers/edit-client.js';
import { requireDeveloperClients } from '../developers/require-developer.js';
import { findShownGrants, findShownUsage } from '../developers/shown-owners.js';
import type { ApiCall, Specified } from './api-call.js';
import { apiTexts } from './api-texts.js';
import { readDraft, readJson } from './bodies.js';
import { conflict, requireNoneWrong, unknownObject } from './refusals.js';
import { describeSum, orNull } from './values.js';

/** `GET /api/account/clients` */
export async function getClients(deps: Dependencies, { caller }: ApiCall): Promise<Specified['OwnClientList']> {
  requireDeveloperClients(deps);
  return { clients: (await listOwnedClients(deps.db, caller.accountId)).map(describeOwnClient) };
}

/** `GET /api/account/clients/:client_id` */
export async function getClient(deps: Dependencies, call: ApiCall): Promise<Specified['OwnClient']> {
  return describeOwnClient(await requireClient(deps, call));
}

/** `POST /api/account/clients`. The secret is only in this answer. */
export async function registerClient(
  deps: Dependencies,
  { ctx, caller }: ApiCall,
): Promise<Specified['RegisteredOwnClient']> {
  requireDeveloperClients(deps);
  const { sent, wrong } = await readDraft(deps, ctx, 'NewOwnClient');
  const { name = '', type, redirect_uris: redirectUris = [], ...urls } = sent;
  const sites = mapSites((field) => urls[field]?.trim() ?? '');
  const entry = { name: name.trim(), sites, redirectUris, type: type ?? '' };
  const further = listWrongOfEntry(deps, entry);
  // the rules for the redirect URIs depend on the type
  requireNoneWrong(wrong, type === undefined ? further.filter(({ member }) => member !== 'redirect_uris') : further);
  const { accountId, tokenId: apiToken } = caller;
  const added = await addClient(deps, { accountId, apiToken }, entry);
  if (added === undefined) throw conflict(apiTexts('clients.tooMany', { max: maxClientsOfAccount }));
  const client = await findOwnedClient(deps.db, { accountId, clientId: added.clientId });
  if (client === undefined) throw unknownObject();
  ctx.status = 201;
  return { client: describeOwnClient(client), client_secret: orNull(added.secret) };
}

/** `PATCH /api/account/clients/:client_id`. Other changes of the same account wait, so that no change is lost. */
export async function editClient(deps: Dependencies, call: ApiCall): Promise<Specified['OwnClient']> {
  requireDeveloperClients(deps);
  const { sent, wrong } = await readDraft(deps, call.ctx, 'OwnClientChange');
  await deps.db.transaction().execute(async (transaction) => {
    await lockAccount(transaction, call.caller.accountId);
    const within = { ...deps, db: transaction };
    const entry = mergeEntry(describeClient(await requireClient(within, call)), sent);
    requireNoneWrong(wrong, listWrongOfEntry(deps, entry));
    if (!(await changeClient(within, keyOf(call), entry))) throw unknownObject();
  });
  return getClient(deps, call);
}

/** The values that were sent, and the present values of the members that were not sent. */
function mergeEntry(present: ClientEntry, sent: Partial<Specified['OwnClientChange']>): ClientEntry {
  const { name, redirect_uris: redirectUris, ...sites } = sent;
  return {
    name: name?.trim() ?? present.name,
    // null removes a URL
    sites: mapSites((field) => (sites[field] === undefined ? present.sites[field] : (sites[field]?.trim() ?? ''))),
    redirectUris: redirectUris ?? present.redirectUris,
    type: present.type,
  };
}

/** `DELETE /api/account/clients/:client_id` */
export async function deleteClient(deps: Dependencies, call: ApiCall): Promise<undefined> {
  requireDeveloperClients(deps);
  if (!(await deleteOwnedClient(deps.db, keyOf(call)))) throw unknownObject();
}

/** `POST /api/account/clients/:client_id/secrets`. The secret is only in this answer. */
export async function makeSecret(deps: Dependencies, call: ApiCall): Promise<Specified['NewClientSecret']> {
  await requireClient(deps, call);
  const { overlap_seconds: overlapSeconds } = await readJson(deps, call.ctx, 'SecretRotation');
  const result = await rotateSecret(deps, keyOf(call), overlapSeconds);
  if (result === 'too_many') throw conflict(apiTexts.say(tooManySecrets.message));
  if (result === 'unknown') throw conflict('This app keeps no secret.');
  call.ctx.status = 201;
  return { client_secret: result.secret };
}

/** `DELETE /api/account/clients/:client_id/secrets` */
export async function endSecrets(deps: Dependencies, call: ApiCall): Promise<undefined> {
  await requireClient(deps, call);
  await endPreviousSecrets(deps.db, keyOf(call));
}

function keyOf({ caller, value: clientId }: ApiCall): OwnedClientKey {
  return { accountId: caller.accountId, clientId, apiToken: caller.tokenId };
}

/** The members that break the rules of the page for developers. */
function listWrongOfEntry({ configuration }: Dependencies, entry: ClientEntry): readonly WrongMember[] {
  return listEntryProblems(entry, configuration).map(({ field: member = 'body', message }) => ({
    member,
    rule: apiTexts.say(message),
  }));
}

async function requireClient(deps: Dependencies, { caller, value: clientId }: ApiCall): Promise<OwnedClient> {
  requireDeveloperClients(deps);
  const client = await findOwnedClient(deps.db, { accountId: caller.accountId, clientId });
  if (client === undefined) throw unknownObject();
  return client;
}

function describeOwnClient(client: OwnedClient): Specified['OwnClient'] {
  const { id, type, hasSecret, createdAt, previousSecretsEndAt, isApproved, isBlocked, usage } = client;
  const { name, sites, redirectUris } = describeClient(client);
  const shown = findShownUsage(usage);
  return {
    client_id: id,
    name,
    type,
    site: orNull(sites.site || undefined),
    policy_uri: orNull(sites.policy_uri || undefined),
    tos_uri: orNull(sites.tos_uri || undefined),
    redirect_uris: [...redirectUris],
    has_secret: hasSecret,
    created_at: createdAt.toISOString(),
    previous_secrets_end_at: previousSecretsEndAt.map((at) => at.toISOString()),
    is_approved: isApproved,
    is_blocked: isBlocked,
    usage: {
      live_grants: orNull(findShownGrants(usage)),
      owners: orNull(shown?.owners),
      requests: orNull(shown?.requests),
      cost_usd: orNull(shown && formatDecimalUsd(shown.cost)),
      simulated: orNull(shown && describeSum(shown.simulated)),
    },
  };
}
