import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { isPublicIpAddress } from './is-public-ip-address.js';

export interface Resolution {
  /** Ends the resolution. */
  readonly signal: AbortSignal;
  /** `<IP address>:<port>`. Default: the name servers of the system. */
  readonly nameServers?: readonly string[] | undefined;
}

/** A name server that does not answer is asked again after half a second, and given up about a second later. */
const patience = { timeout: 500, tries: 2 };

/** One of a host's IP addresses is not public, so the host may be inside of this server's network. */
export class IpAddressNotPublic extends Error {
  override readonly name = 'IpAddressNotPublic';
}

/**
 * Resolves the name of a stranger's host to its IP addresses, IPv4 first. The name servers are asked directly, and not
 * through the operating system. Node.js asks the operating system in a few threads, and a name server that never
 * answers would occupy each of them for many seconds. Then no other name could be resolved, not even that of the
 * database.
 *
 * @throws IpAddressNotPublic unless all addresses are public. The names of `/etc/hosts` are not resolved
 */
export async function resolvePublic(
  hostname: string,
  { signal, nameServers }: Resolution,
): Promise<readonly LookupAddress[]> {
  signal.throwIfAborted();
  // A public name has a dot that is not the last character. Others, such as `localhost`, are names of a local network.
  if (!/\../.test(hostname)) throw new IpAddressNotPublic();
  const resolver = new Resolver(patience);
  if (nameServers !== undefined) resolver.setServers(nameServers);
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const results = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const found = results.flatMap((result, index) =>
      result.status === 'fulfilled' ? result.value.map((address) => ({ address, family: index === 0 ? 4 : 6 })) : [],
    );
    if (!found.every(({ address }) => isPublicIpAddress(address))) throw new IpAddressNotPublic();
    if (found.length === 0)
      throw new AggregateError(results.map((result) => result.status === 'rejected' && result.reason));
    return found;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
