import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';

export interface TokenOptions {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly expiresInSeconds?: number;
}

/**
 * An issuer that speaks the proxy's side of the contract and nothing else: keys and introspection. What it signs is
 * up to the test, the wrong things included.
 */
export class TestIssuer {
  /** Whether it answers introspection with `active`. */
  isActive: boolean | 'refuses-us' | 'garbage' = true;
  readonly keySetRequests: string[] = [];
  readonly introspections: string[] = [];
  /** How often a proxy asked only whether it may ask. */
  probes = 0;
  readonly #server: Server;
  readonly #privateKey: CryptoKey;
  readonly #publicJwk: JWK;
  readonly #audience: string;
  #port = 0;

  private constructor(privateKey: CryptoKey, publicJwk: JWK, audience: string) {
    this.#privateKey = privateKey;
    this.#publicJwk = publicJwk;
    this.#audience = audience;
    // an idle connection is not closed under a proxy that is about to use it
    this.#server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      request.on('end', () => {
        if (request.url === '/jwks') {
          this.keySetRequests.push(request.headers.host ?? '');
          response.end(JSON.stringify({ keys: [this.#publicJwk] }));
          return;
        }
        if (body.startsWith('token=health-check&')) this.probes += 1;
        else this.introspections.push(body);
        if (this.isActive === 'refuses-us') response.writeHead(401).end('{"error":"invalid_client"}');
        else if (this.isActive === 'garbage') response.writeHead(500).end('oh');
        else response.end(JSON.stringify({ active: this.isActive }));
      });
    });
  }

  static async start(audience: string): Promise<TestIssuer> {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const publicJwk = { ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'ES256', use: 'sig' };
    const issuer = new TestIssuer(privateKey, publicJwk, audience);
    await issuer.listen();
    return issuer;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => {
      this.#server.close(resolve);
    });
    this.#server.closeAllConnections();
    await closed;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get publicJwk(): JWK {
    return this.#publicJwk;
  }

  /** Signs what our authorization server would, with whatever a test changes. */
  async sign({ claims, header, expiresInSeconds = 600 }: TokenOptions = {}): Promise<string> {
    return this.signWith(this.#privateKey, this.#payload(claims, expiresInSeconds), {
      alg: 'ES256',
      typ: 'at+jwt',
      kid: 'key-1',
      ...header,
    });
  }

  async signWith(
    key: CryptoKey | Uint8Array,
    payload: Record<string, unknown>,
    header: JWTHeaderParameters,
  ): Promise<string> {
    return new SignJWT(payload).setProtectedHeader(header).sign(key, { crit: { b64: true, x: true } });
  }

  #payload(claims: Readonly<Record<string, unknown>> = {}, expiresInSeconds: number): Record<string, unknown> {
    const now = Math.floor(Date.now() / 1000);
    return {
      iss: this.url,
      aud: this.#audience,
      sub: 'account',
      client_id: 'client',
      grant_id: 'grant',
      scope: '',
      jti: `jti-${Math.random()}`,
      iat: now,
      exp: now + expiresInSeconds,
      ...claims,
    };
  }
}
