import { paths } from '../../endpoints.js';
import { exampleBody, examplePath, exampleScope, type SnippetValues } from './example.js';

/** Writes an example program in Go. A JSON string of printable ASCII characters is also a string literal in Go. */
export function writeGo(values: SnippetValues): string {
  const { issuer, resourceProxyUrl, clientId, hasSecret, redirectUri } = values;
  const scopes = exampleScope
    .split(' ')
    .map((one) => JSON.stringify(one))
    .join(', ');
  const modules = [
    'context',
    'fmt',
    'io',
    'strings',
    ...(hasSecret ? ['os'] : []),
    ...(redirectUri === undefined ? [] : ['net/url']),
  ];
  const imports = modules.sort().map((name) => `\t"${name}"\n`);
  return `// Save this as main.go. Then run: go mod init app && go get golang.org/x/oauth2 && go run .
${hasSecret ? '// First set the environment variable CLIENT_SECRET to the secret of the app.\n' : ''}package main

import (
${imports.join('')}
	"golang.org/x/oauth2"
)

func main() {
	ctx := context.Background()
	config := &oauth2.Config{
		ClientID: ${JSON.stringify(clientId)},
${hasSecret ? '\t\tClientSecret: os.Getenv("CLIENT_SECRET"),\n' : ''}${redirectUri === undefined ? '' : `\t\tRedirectURL: ${JSON.stringify(redirectUri)},\n`}		Scopes: []string{${scopes}},
		Endpoint: oauth2.Endpoint{
			AuthURL:       ${JSON.stringify(`${issuer}${paths.authorization}`)},
			TokenURL:      ${JSON.stringify(`${issuer}${paths.token}`)},
			DeviceAuthURL: ${JSON.stringify(`${issuer}${paths.deviceAuthorization}`)},
			AuthStyle:     ${hasSecret ? 'oauth2.AuthStyleInHeader' : 'oauth2.AuthStyleInParams'},
		},
	}
${redirectUri === undefined ? askByDevice : askByCode}
	if err != nil {
		panic(err)
	}
	answer, err := config.Client(ctx, token).Post(
		${JSON.stringify(resourceProxyUrl + examplePath)},
		"application/json",
		strings.NewReader(${JSON.stringify(exampleBody)}),
	)
	if err != nil {
		panic(err)
	}
	body, _ := io.ReadAll(answer.Body)
	fmt.Println(string(body))
}
`;
}

const askByCode = `	verifier := oauth2.GenerateVerifier()
	state := oauth2.GenerateVerifier()
	fmt.Println("Open this URL:", config.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier)))
	fmt.Println("Paste the URL that you were sent to:")
	var pasted string
	fmt.Scanln(&pasted)
	callback, err := url.Parse(pasted)
	if err != nil || callback.Query().Get("state") != state {
		panic("This is not the answer to the request.")
	}
	token, err := config.Exchange(ctx, callback.Query().Get("code"), oauth2.VerifierOption(verifier))`;

const askByDevice = `	device, err := config.DeviceAuth(ctx)
	if err != nil {
		panic(err)
	}
	fmt.Println("Open this URL:", device.VerificationURIComplete)
	token, err := config.DeviceAccessToken(ctx, device)`;
