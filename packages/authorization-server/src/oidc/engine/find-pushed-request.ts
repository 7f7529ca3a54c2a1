import type { Interaction, Provider } from 'oidc-provider';

type PushedRequest = InstanceType<Provider['PushedAuthorizationRequest']> | undefined;

/**
 * The pushed request (RFC 9126) that began an interaction; undefined when the request was not pushed, or is not
 * stored any more.
 *
 * Assumption: an interaction that a pushed request began has the identifier of that request in parJti.
 * Assumption: oidc-provider consumes a pushed request when it is allowed, and not when it is denied.
 */
export async function findPushedRequest(provider: Provider, interaction: Interaction): Promise<PushedRequest> {
  const id = readPushedRequestId(interaction);
  return id === undefined ? undefined : provider.PushedAuthorizationRequest.find(id, { ignoreExpiration: true });
}

/**
 * The identifier of the pushed request that began an interaction.
 *
 * @param interaction the interaction, or the payload that oidc-provider stores for it
 * @returns SECRET
 */
export function readPushedRequestId(interaction: object): string | undefined {
  const { parJti } = interaction as { readonly parJti?: unknown };
  return typeof parJti === 'string' ? parJti : undefined;
}
