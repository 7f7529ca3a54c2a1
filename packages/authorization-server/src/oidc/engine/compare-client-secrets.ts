import type { Client, Provider } from 'oidc-provider';

/**
 * Makes oidc-provider compare client secrets with `compare`.
 * @param compare throws an error of oidc-provider to send an answer other than `invalid_client`
 *
 * Assumption: client secrets are compared with Client.prototype.compareClientSecret, which may be asynchronous.
 */
export function compareClientSecrets(
  provider: Provider,
  compare: (client: Client, secret: string) => Promise<boolean>,
): void {
  provider.Client.prototype.compareClientSecret = async function compareClientSecret(this: Client, secret: string) {
    return compare(this, secret);
  };
}
