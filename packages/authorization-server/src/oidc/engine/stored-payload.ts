import type { AdapterPayload } from 'oidc-provider';

/**
 * Removes identifiers that are secret. One is the artifact's own identifier: the row's key contains only its hash. The
 * other, in an interaction, is the cookie of the session in which the interaction began.
 *
 * Assumption: a session that is found by its uid needs no jti, and the session of an interaction needs no cookie.
 */
export function stripSecrets({ jti: _jti, ...payload }: AdapterPayload): Record<string, unknown> {
  if (payload.session === undefined) return payload;
  const { cookie: _cookie, ...session } = payload.session;
  return { ...payload, session };
}

/**
 * Makes a function that returns a copy of a payload. If the payload has a resource, the copy has `resource` in two
 * spellings instead: without and with a slash at the end. Release 1 of this server compares the stored resource
 * character by character with the resource that a client names.
 *
 * Assumption: the resource of a stored code or refresh token may be a list, from which defaultResource chooses.
 */
export function createResourceSpeller(resource: string) {
  const spellings = [resource, `${resource}/`];
  return (payload: Readonly<Record<string, unknown>>): Record<string, unknown> =>
    payload['resource'] === undefined ? { ...payload } : { ...payload, resource: spellings };
}
