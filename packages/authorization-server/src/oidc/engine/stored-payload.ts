import type { AdapterPayload } from 'oidc-provider';

/**
 * Removes two secrets: the artifact's identifier, because the row has its hash instead, and the session cookie that an
 * interaction contains.
 *
 * Assumption: a session that is found by its uid needs no jti, and the session of an interaction needs no cookie.
 */
export function stripSecrets({ jti: _jti, ...payload }: AdapterPayload): Record<string, unknown> {
  if (payload.session === undefined) return payload;
  const { cookie: _cookie, ...session } = payload.session;
  return { ...payload, session };
}

/**
 * Makes a function that returns a copy of a payload. If the payload has a resource, the copy's `resource` is a list of
 * two spellings: without and with a slash at the end. Servers of release 1, which may still run during an upgrade,
 * compare the stored resource character by character with the resource that a client names.
 *
 * Assumption: the resource of a stored code or refresh token may be a list, from which defaultResource chooses.
 */
export function createResourceSpeller(resource: string) {
  const spellings = [resource, `${resource}/`];
  return (payload: Readonly<Record<string, unknown>>): Record<string, unknown> =>
    payload['resource'] === undefined ? { ...payload } : { ...payload, resource: spellings };
}
