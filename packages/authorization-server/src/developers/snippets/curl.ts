import { paths } from '../../endpoints.js';
import { exampleBody, examplePath, exampleScope, type SnippetValues } from './example.js';

/** Writes a shell script that uses curl. */
export function writeCurl(values: SnippetValues): string {
  const { resourceProxyUrl, redirectUri } = values;
  return `# Save this as app.sh. Then run: sh app.sh
${values.hasSecret ? '# First set the environment variable CLIENT_SECRET to the secret of the app.\n' : ''}${redirectUri === undefined ? askByDevice(values) : askByCode(values, redirectUri)}
access_token=$(printf %s "$tokens" | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')

curl -sS ${quote(resourceProxyUrl + examplePath)} \\
  -H "authorization: Bearer $access_token" -H 'content-type: application/json' \\
  -d ${quote(exampleBody)}
`;
}

/** How the client identifies itself at the token endpoint. */
function authenticate({ clientId, hasSecret }: SnippetValues): string {
  return hasSecret ? `-u ${quote(clientId)}":$CLIENT_SECRET"` : `-d client_id=${quote(clientId)}`;
}

function askByCode(values: SnippetValues, redirectUri: string): string {
  const { issuer, clientId } = values;
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: exampleScope,
    code_challenge_method: 'S256',
  });
  return `code_verifier=$(openssl rand -hex 32)
code_challenge=$(printf %s "$code_verifier" | openssl dgst -sha256 -binary | openssl base64 -A | tr '+/' '-_' | tr -d '=')
state=$(openssl rand -hex 16)
echo 'Open this URL:' ${quote(`${issuer}${paths.authorization}?${query.toString()}`)}"&state=$state&code_challenge=$code_challenge"

echo 'Paste the URL that you were sent to:'
read -r callback
case "$callback" in *"state=$state"*) ;; *) echo 'This is not the answer to the request.'; exit 1 ;; esac
code=$(printf %s "$callback" | sed 's/.*[?&]code=\\([^&]*\\).*/\\1/')

tokens=$(curl -sS ${quote(`${issuer}${paths.token}`)} ${authenticate(values)} \\
  -d grant_type=authorization_code -d "code=$code" -d "code_verifier=$code_verifier" \\
  --data-urlencode redirect_uri=${quote(redirectUri)})`;
}

function askByDevice(values: SnippetValues): string {
  const { issuer } = values;
  return `device=$(curl -sS ${quote(`${issuer}${paths.deviceAuthorization}`)} ${authenticate(values)} --data-urlencode scope=${quote(exampleScope)})
device_code=$(printf %s "$device" | sed 's/.*"device_code":"\\([^"]*\\)".*/\\1/')
echo 'Open this URL:' "$(printf %s "$device" | sed 's/.*"verification_uri_complete":"\\([^"]*\\)".*/\\1/')"

until printf %s "$tokens" | grep -q '"access_token"'; do
  sleep 6
  tokens=$(curl -sS ${quote(`${issuer}${paths.token}`)} ${authenticate(values)} -d "device_code=$device_code" \\
    --data-urlencode grant_type=urn:ietf:params:oauth:grant-type:device_code)
  case "$tokens" in *access_denied* | *expired_token*) echo "$tokens"; exit 1 ;; esac
done`;
}

/** Quotes a text as one word of the shell, so that no character in it has a meaning for the shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
