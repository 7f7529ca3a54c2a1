import { adminScopesMember, idTokenAlgorithmMember, profileMember, registeredByMember } from './client-members.js';
import { defaultGrantTypes, type IdTokenAlgorithm } from './offered.js';

type Metadata = Readonly<Record<string, unknown>>;

const clientCredentials = 'client_credentials';

/**
 * The member for a client's newer grant types, which a server of the previous release does not know. Such a server
 * refuses a client if the standard member contains one of them.
 */
const newGrantTypesMember = 'new_grant_types';

/**
 * Builds the metadata that is stored for a client from its metadata (RFC 7591). Everything that stores a client uses
 * this.
 *
 * Two members are stored under names of our own, because of the previous release: see `newGrantTypesMember` and
 * `idTokenAlgorithmMember`. The other members of our own are left out, because a client cannot set them.
 */
export function buildStoredMetadata({
  grant_types: grantTypes,
  id_token_signed_response_alg: idTokenAlgorithm,
  [registeredByMember]: _registeredBy,
  [profileMember]: _profile,
  [adminScopesMember]: _adminScopes,
  ...metadata
}: Metadata): Metadata {
  const known: readonly string[] = defaultGrantTypes;
  const all = Array.isArray(grantTypes) ? grantTypes.map(String) : ['authorization_code'];
  return {
    ...metadata,
    grant_types: all.filter((one) => known.includes(one)),
    [newGrantTypesMember]: all.filter((one) => !known.includes(one)),
    [idTokenAlgorithmMember]: idTokenAlgorithm,
  };
}

/** Reads the two members of a client's metadata that are stored under names of our own. */
export function readStoredMetadata(stored: Metadata, offered: readonly IdTokenAlgorithm[]) {
  return {
    grant_types: listGrantTypes(stored),
    id_token_signed_response_alg: chooseIdTokenAlgorithm(stored, offered),
  };
}

/**
 * Adds `client_credentials` for a client that can authenticate and has another grant type: it may get tokens for the
 * grant management API. A public client may not, because any program could ask for such tokens with the client's
 * `client_id`.
 */
function listGrantTypes({
  grant_types: stored,
  [newGrantTypesMember]: others,
  token_endpoint_auth_method: method,
}: Metadata): readonly string[] {
  const known = Array.isArray(stored) ? stored : ['authorization_code'];
  const all = [...known, ...(Array.isArray(others) ? others : [])].map(String);
  const types = all.filter((type) => type !== clientCredentials);
  return method === 'none' || types.length === 0 ? types : [...types, clientCredentials];
}

/** Clients that were registered before they could choose an algorithm expect ES256. */
function chooseIdTokenAlgorithm(stored: Metadata, offered: readonly IdTokenAlgorithm[]): IdTokenAlgorithm {
  const chosen = stored[idTokenAlgorithmMember];
  return offered.find((algorithm) => algorithm === chosen) ?? 'ES256';
}
