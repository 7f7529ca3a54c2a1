import { exampleBody, examplePath, exampleScope, type SnippetValues } from './example.js';

/** A program for Node.js. A JSON string is also a string literal in JavaScript. */
export function writeJavaScript(values: SnippetValues): string {
  const { issuer, resourceProxyUrl, clientId, hasSecret, redirectUri } = values;
  const authentication = hasSecret ? 'oauth.ClientSecretBasic(process.env.CLIENT_SECRET)' : 'oauth.None()';
  const options = issuer.startsWith('http:')
    ? ', {\n  execute: [oauth.allowInsecureRequests], // http is for localhost only\n}'
    : '';
  return `// Save this as app.mjs. Then run: npm install openid-client && node app.mjs
${hasSecret ? '// First set the environment variable CLIENT_SECRET to the secret of the app.\n' : ''}${redirectUri === undefined ? '' : "import { createInterface } from 'node:readline/promises';\n"}import * as oauth from 'openid-client';

const issuer = new URL(${JSON.stringify(issuer)});
const config = await oauth.discovery(issuer, ${JSON.stringify(clientId)}, undefined, ${authentication}${options});
${redirectUri === undefined ? askByDevice : askByCode(redirectUri)}
const answer = await fetch(${JSON.stringify(resourceProxyUrl + examplePath)}, {
  method: 'POST',
  headers: { authorization: \`Bearer \${tokens.access_token}\`, 'content-type': 'application/json' },
  body: JSON.stringify(${exampleBody}),
});
console.log(JSON.stringify(await answer.json(), null, 2));
`;
}

function askByCode(redirectUri: string): string {
  return `const codeVerifier = oauth.randomPKCECodeVerifier();
const state = oauth.randomState();
const url = oauth.buildAuthorizationUrl(config, {
  redirect_uri: ${JSON.stringify(redirectUri)},
  scope: ${JSON.stringify(exampleScope)},
  state,
  code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
  code_challenge_method: 'S256',
});
console.log(\`Open this URL: \${url.href}\`);
const terminal = createInterface({ input: process.stdin, output: process.stdout });
const callback = await terminal.question('Paste the URL that you were sent to:\\n');
terminal.close();
const tokens = await oauth.authorizationCodeGrant(config, new URL(callback), {
  expectedState: state,
  pkceCodeVerifier: codeVerifier,
});`;
}

const askByDevice = `const device = await oauth.initiateDeviceAuthorization(config, { scope: ${JSON.stringify(exampleScope)} });
console.log(\`Open this URL: \${device.verification_uri_complete}\`);
const tokens = await oauth.pollDeviceAuthorizationGrant(config, device);`;
