import { paths } from '../../endpoints.js';
import { exampleBody, examplePath, exampleScope, type SnippetValues } from './example.js';

/** A program for Python 3. A JSON string of printable ASCII characters is also a string literal in Python. */
export function writePython(values: SnippetValues): string {
  const { issuer, resourceProxyUrl, clientId, hasSecret, redirectUri } = values;
  const modules = redirectUri === undefined ? ['time'] : ['base64', 'hashlib', 'secrets'];
  const imports = [...modules, ...(hasSecret ? ['os'] : [])].sort().map((name) => `import ${name}\n`);
  const identify = hasSecret
    ? { argument: 'auth=(client_id, os.environ["CLIENT_SECRET"])', entry: '' }
    : { argument: '', entry: '"client_id": client_id, ' };
  const post = (path: string, entries: string) =>
    `requests.post(issuer + "${path}", ${identify.argument}${identify.argument === '' ? '' : ', '}data={${identify.entry}${entries}})`;
  return `# Save this as app.py. Then run: pip install requests && python3 app.py
${hasSecret ? '# First set the environment variable CLIENT_SECRET to the secret of the app.\n' : ''}${imports.join('')}${redirectUri === undefined ? '' : 'from urllib.parse import parse_qs, urlencode, urlsplit\n'}
import requests

issuer = ${JSON.stringify(issuer)}
client_id = ${JSON.stringify(clientId)}
${redirectUri === undefined ? askByDevice(post) : askByCode(redirectUri, post)}
answer = requests.post(
    ${JSON.stringify(resourceProxyUrl + examplePath)},
    headers={"Authorization": "Bearer " + tokens["access_token"]},
    json=${exampleBody},
)
print(answer.json())
`;
}

type Post = (path: string, entries: string) => string;

function askByCode(redirectUri: string, post: Post): string {
  return `redirect_uri = ${JSON.stringify(redirectUri)}

code_verifier = secrets.token_urlsafe(48)
digest = hashlib.sha256(code_verifier.encode()).digest()
state = secrets.token_urlsafe(16)
query = {
    "response_type": "code",
    "client_id": client_id,
    "redirect_uri": redirect_uri,
    "scope": ${JSON.stringify(exampleScope)},
    "state": state,
    "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
    "code_challenge_method": "S256",
}
print("Open this URL:", issuer + "${paths.authorization}?" + urlencode(query))
callback = parse_qs(urlsplit(input("Paste the URL that you were sent to:\\n")).query)
assert callback["state"] == [state], "This is not the answer to the request."

response = ${post(paths.token, '"grant_type": "authorization_code", "code": callback["code"][0], "redirect_uri": redirect_uri, "code_verifier": code_verifier')}
response.raise_for_status()
tokens = response.json()
`;
}

function askByDevice(post: Post): string {
  return `
device = ${post(paths.deviceAuthorization, `"scope": ${JSON.stringify(exampleScope)}`)}.json()
print("Open this URL:", device["verification_uri_complete"])
tokens = {"error": "authorization_pending"}
while tokens.get("error") in ("authorization_pending", "slow_down"):
    time.sleep(device.get("interval", 5) + 1)
    tokens = ${post(paths.token, '"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": device["device_code"]')}.json()
`;
}
