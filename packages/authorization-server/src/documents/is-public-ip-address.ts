import ipaddr from 'ipaddr.js';

const globalUnicast: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

/**
 * Whether an IP address belongs to the public internet. Addresses of special ranges do not: loopback, private,
 * link-local (including the metadata services of clouds), carrier-grade NAT, multicast, and IPv6 addresses that contain
 * an IPv4 address (NAT64, 6to4, Teredo). For an IPv4-mapped IPv6 address, the IPv4 address decides.
 */
export function isPublicIpAddress(ipAddress: string): boolean {
  if (!ipaddr.isValid(ipAddress)) return false;
  const parsed = ipaddr.process(ipAddress); // converts an IPv4-mapped IPv6 address to IPv4
  if (parsed.range() !== 'unicast') return false;
  return !(parsed instanceof ipaddr.IPv6) || parsed.match(globalUnicast);
}
