/**
 * Each proxy appends the IP address that it saw. With n trusted proxies, the client's address is therefore the n-th
 * from the end. Without trusted proxies, or if the header has fewer addresses, it is the address of the peer.
 */
export function findClientIpAddress(forwardedFor: string, peerIpAddress: string, trustedHops: number): string {
  const seen = forwardedFor
    .split(',')
    .map((ipAddress) => ipAddress.trim())
    .filter((ipAddress) => ipAddress !== '');
  return (trustedHops === 0 ? undefined : seen.at(-trustedHops)) ?? peerIpAddress;
}
