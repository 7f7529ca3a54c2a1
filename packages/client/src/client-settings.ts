/** How a client is registered, and which servers it uses. */
export interface ClientSettings {
  /** The authorization server's issuer identifier. Its metadata (RFC 8414) has every other URL. */
  readonly issuer: string;
  /** The start of the base URLs of the AI providers' SDKs. The access token is sent only to URLs below it. */
  readonly resourceProxyUrl: string;
  readonly clientId: string;
  /** SECRET. For a client that runs on a server; undefined: a public client. */
  readonly clientSecret?: string;
  /** Where the owner's browser comes back. The device flow needs none. */
  readonly redirectUri?: string;
  /** Binds tokens to this key (DPoP, RFC 9449). The private key should not be extractable. undefined: bearer tokens. */
  readonly proofKeys?: CryptoKeyPair;
  /** Sends all requests. Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
}
