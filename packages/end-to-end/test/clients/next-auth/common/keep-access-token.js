/** The `jwt` callback: puts the access token into the session cookie when the visitor has signed in. */
export function keepAccessToken({ token, account }) {
  return account ? { ...token, accessToken: account.access_token } : token;
}
