import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CryptoKey,
  compactVerify,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  SignJWT,
} from 'jose';

export interface TokenOptions {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly expiresInSeconds?: number;
  /** Signs the token instead of the issuer's newest key. */
  readonly privateKey?: CryptoKey | Uint8Array;
}

interface SigningKey {
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

/**
 * An issuer with only the endpoints that the proxy calls: signing keys and introspection. The test decides which tokens
 * it signs, including wrong ones.
 */
export class TestIssuer {
  /**
   * Whether introspection reports the issuer's tokens as active. `refuses-us`: it refuses the proxy's credentials.
   * `garbage`: it fails with an answer that is not JSON.
   */
  isActive: boolean | 'refuses-us' | 'garbage' = true;
  introspectionMilliseconds = 0;
  readonly keySetRequests: string[] = [];
  readonly introspections: string[] = [];
  readonly introspectionHeaders: IncomingHttpHeaders[] = [];
  /** How often a proxy checked its credentials. */
  probes = 0;
  /** The maximum number of introspections that were under way at one time, without the checks of a proxy's credentials. */
  mostIntrospecting = 0;
  #introspecting = 0;
  readonly #server: Server;
  /** The last key signs the tokens. */
  readonly #keys: SigningKey[] = [];
  readonly #audience: string;
  #port = 0;

  private constructor(audience: string) {
    this.#audience = audience;
    // The timeout is long, so that an idle connection is not closed just when the proxy uses it.
    this.#server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      request.on('end', () => {
        if (request.url === '/jwks') {
          this.keySetRequests.push(request.headers.host ?? '');
          response.end(JSON.stringify({ keys: this.#publicJwks }));
          return;
        }
        if (body.startsWith('token=health-check&')) this.probes += 1;
        else {
          this.introspections.push(body);
          this.introspectionHeaders.push(request.headers);
        }
        void this.#introspect(new URLSearchParams(body).get('token') ?? '', response);
      });
    });
  }

  static async start(audience: string): Promise<TestIssuer> {
    const issuer = new TestIssuer(audience);
    await issuer.rotate();
    await issuer.listen();
    return issuer;
  }

  /** Signs with a new key from now on, and publishes it together with the older keys. */
  async rotate(): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const kid = `key-${this.#keys.length + 1}`;
    this.#keys.push({ privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } });
  }

  async #introspect(token: string, response: ServerResponse): Promise<void> {
    const counted = token === 'health-check' ? 0 : 1;
    this.#introspecting += counted;
    this.mostIntrospecting = Math.max(this.mostIntrospecting, this.#introspecting);
    if (this.introspectionMilliseconds > 0) await sleep(this.introspectionMilliseconds);
    this.#introspecting -= counted;
    if (this.isActive === 'refuses-us') response.writeHead(401).end('{"error":"invalid_client"}');
    else if (this.isActive === 'garbage') response.writeHead(500).end('oh');
    else response.end(JSON.stringify({ active: this.isActive && (await this.#hasSigned(token)) }));
  }

  async #hasSigned(token: string): Promise<boolean> {
    const keys = createLocalJWKSet({ keys: this.#publicJwks });
    return compactVerify(token, keys, { algorithms: ['ES256'] }).then(
      () => true,
      () => false,
    );
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
    return this.#newest.publicJwk;
  }

  get #publicJwks(): JWK[] {
    return this.#keys.map(({ publicJwk }) => publicJwk);
  }

  get #newest(): SigningKey {
    const key = this.#keys.at(-1);
    if (key === undefined) throw new Error('there is no key yet');
    return key;
  }

  /** Signs a token like those of the authorization server, with the test's changes. */
  async sign({ claims, header, expiresInSeconds = 600, privateKey }: TokenOptions = {}): Promise<string> {
    const { privateKey: ownKey, publicJwk } = this.#newest;
    return this.signWith(privateKey ?? ownKey, this.#payload(claims, expiresInSeconds), {
      alg: 'ES256',
      typ: 'at+jwt',
      ...(publicJwk.kid !== undefined && { kid: publicJwk.kid }),
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
