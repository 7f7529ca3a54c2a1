import type { Interaction, Provider } from 'oidc-provider';

type PushedRequest = InstanceType<Provider['PushedAuthorizationRequest']> | undefined;

/**
 * The pushed request (RFC 9126) that began an interaction; undefined when the request was not pushed.
 *
 * Assumption: an interaction that a pushed request began has its identifier in parJti.
 * Assumption: a pushed request is consumed when it is allowed, and not when it is denied.
 */
export async function findPushedRequest(provider: Provider, interaction: Interaction): Promise<PushedRequest> {
  const id = readPushedRequestId(interaction);
  return id === undefined ? undefined : provider.PushedAuthorizationRequest.find(id, { ignoreExpiration: true });
}

/**
 * The identifier of the pushed request that began an interaction. The interaction may be given as its payload.
 *
 * @returns SECRET
 */
export function readPushedRequestId(interaction: object): string | undefined {
  const { parJti } = interaction as { readonly parJti?: unknown };
  return typeof parJti === 'string' ? parJti : undefined;
}
