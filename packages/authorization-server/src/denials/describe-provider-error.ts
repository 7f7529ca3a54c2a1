/**
 * The text of the page for an error of oidc-provider that cannot be sent to the client.
 * @param code `error` (RFC 6749 section 4.1.2.1). oidc-provider has more error codes than are named here
 */
export function describeProviderError(code: string): string {
  switch (code) {
    case 'invalid_client':
      return 'The app that sent you here is not known to this server.';
    case 'invalid_redirect_uri':
      return 'The app asks to send you to an address that it has not registered. Nothing was shared with it.';
    case 'temporarily_unavailable':
      return 'The server cannot reach its database. Try again in a moment.';
    case 'server_error':
      return 'Something went wrong on this server. It has been noted; try again in a moment.';
    default:
      return 'Go back to the app and try again. If it happens again, send the text below to the makers of the app.';
  }
}
