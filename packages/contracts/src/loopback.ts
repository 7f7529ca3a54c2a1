/**
 * Whether a URL's `hostname` means the local machine. RFC 8252 section 7.3 names 127.0.0.1 and [::1]. All other IP
 * addresses that begin with 127 mean the local machine too. `localhost` is accepted for servers that an operator starts
 * at home.
 */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
