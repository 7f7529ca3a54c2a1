import type { Configuration } from '../configuration.js';
import type { Middleware } from '../context.js';
import { Denied } from '../denials/denial.js';

/**
 * Later middleware uses no header about where the request came from. oidc-provider builds URLs and cookies
 * from host and protocol: both are the issuer's from here on, and a request for another host is refused (a forged
 * one, or a page elsewhere whose name was made to resolve to us). The client's address is the peer's, or what the
 * last trusted proxy in front saw.
 */
export function enforceTrustBoundary(configuration: Pick<Configuration, 'issuer' | 'trustedProxyHops'>): Middleware {
  const issuer = new URL(configuration.issuer);
  return async (ctx, next) => {
    const { headers } = ctx.req;
    if (ctx.state.endpoint?.hosts !== 'any' && headers.host?.toLowerCase() !== issuer.host)
      throw new Denied({ reason: 'host_unknown' });
    headers['x-forwarded-for'] = findClientAddress(
      [headers['x-forwarded-for'] ?? []].flat().join(','),
      ctx.req.socket.remoteAddress ?? '',
      configuration.trustedProxyHops,
    );
    headers['x-forwarded-host'] = issuer.host;
    headers['x-forwarded-proto'] = issuer.protocol.slice(0, -1);
    await next();
  };
}

/** Each proxy appends the address that it saw: with n trusted proxies, the n-th from the end is the client's. */
export function findClientAddress(forwardedFor: string, peerAddress: string, trustedHops: number): string {
  const seen = forwardedFor
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  return (trustedHops === 0 ? undefined : seen.at(-trustedHops)) ?? peerAddress;
}
