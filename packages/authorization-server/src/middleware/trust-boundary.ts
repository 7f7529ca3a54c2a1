import { findClientIpAddress } from '@aipassport/contracts';
import type { Configuration } from '../configuration.js';
import type { Middleware } from '../context.js';
import { Denied } from '../denials/denial.js';

/**
 * Decides the host, the protocol and the client's IP address of a request, and overwrites the headers about them, so
 * that later middleware can trust these headers. oidc-provider builds URLs and cookies from host and protocol. From
 * here on, host and protocol are those of the issuer. A request for another host is refused: the host is forged, or
 * another site made its own name resolve to this server (DNS rebinding). Only endpoints with `hosts: 'any'` accept
 * every host. The client's address is the one that the outermost trusted proxy saw. Without trusted proxies, it is the
 * address of the peer.
 */
export function enforceTrustBoundary(configuration: Pick<Configuration, 'issuer' | 'trustedProxyHops'>): Middleware {
  const issuer = new URL(configuration.issuer);
  return async (ctx, next) => {
    const { headers } = ctx.req;
    if (ctx.state.endpoint?.hosts !== 'any' && headers.host?.toLowerCase() !== issuer.host)
      throw new Denied({ reason: 'host_unknown' });
    headers['x-forwarded-for'] = findClientIpAddress(
      [headers['x-forwarded-for'] ?? []].flat().join(','),
      ctx.req.socket.remoteAddress ?? '',
      configuration.trustedProxyHops,
    );
    headers['x-forwarded-host'] = issuer.host;
    headers['x-forwarded-proto'] = issuer.protocol.slice(0, -1);
    await next();
  };
}
