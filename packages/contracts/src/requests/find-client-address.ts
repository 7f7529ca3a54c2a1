/**
 * Each proxy appends the address that it saw. With n trusted proxies, the client's address is therefore the n-th from
 * the end. Without trusted proxies, or if the header has fewer addresses, it is the address of the peer.
 */
export function findClientAddress(forwardedFor: string, peerAddress: string, trustedHops: number): string {
  const seen = forwardedFor
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  return (trustedHops === 0 ? undefined : seen.at(-trustedHops)) ?? peerAddress;
}
