import { sendRaw } from '../support/send-raw.js';
import { chat, chatPath, type TestGrant, type TestProxy } from '../support/test-proxy.js';
import { ClientKey, type ProofOptions } from './client-key.js';

export type HeaderLines = readonly (readonly [name: string, value: string])[];

export interface Sending {
  readonly path?: string;
  readonly method?: string;
  readonly body?: unknown;
  /** The index of the proxy. */
  readonly at?: number;
}

/** A client whose token is bound to its key. With `sendLines`, a test can send a header twice or with a wrong value. */
export class BoundClient {
  readonly proxy: TestProxy;
  readonly key: ClientKey;
  readonly grant: TestGrant;
  readonly token: string;

  private constructor(proxy: TestProxy, { key, grant, token }: { key: ClientKey; grant: TestGrant; token: string }) {
    this.proxy = proxy;
    this.key = key;
    this.grant = grant;
    this.token = token;
  }

  static async create(
    proxy: TestProxy,
    options: { readonly grant?: TestGrant; readonly key?: ClientKey } = {},
  ): Promise<BoundClient> {
    const { grant = await proxy.createGrant(), key = await ClientKey.create() } = options;
    return new BoundClient(proxy, { key, grant, token: await proxy.createToken(grant, { claims: key.confirmation }) });
  }

  prove(changes: Partial<ProofOptions> = {}): Promise<string> {
    return this.key.prove({ token: this.token, path: chatPath, ...changes });
  }

  /** Sends one request with a proof, by default a valid proof for this request. */
  async send(proof?: string, sending: Sending = {}) {
    const { path = chatPath, method = 'POST' } = sending;
    return this.sendLines(
      [
        ['authorization', `DPoP ${this.token}`],
        ['dpop', proof ?? (await this.prove({ path: path.split('?')[0] ?? path, method }))],
      ],
      sending,
    );
  }

  /** Sends one request with these header lines. Its `Host` is not the proxy's public host, which must not matter. */
  sendLines(headers: HeaderLines, { path = chatPath, method = 'POST', body = chat, at = 0 }: Sending = {}) {
    const text = method === 'POST' ? JSON.stringify(body) : '';
    const lines = [
      `${method} ${path} HTTP/1.1`,
      'host: elsewhere.example',
      'connection: close',
      ...(method === 'POST' ? ['content-type: application/json', `content-length: ${text.length}`] : []),
      ...headers.map(([name, value]) => `${name}: ${value}`),
    ];
    return sendRaw(this.proxy.proxies[at]?.port ?? 0, `${lines.join('\r\n')}\r\n\r\n${text}`, 5_000);
  }

  readUsedRequests(): Promise<number> {
    return this.proxy.readUsedRequests(this.grant.id);
  }
}

export function readChallenge({ text }: { readonly text: string }): string {
  return /^www-authenticate: (.*)\r$/im.exec(text)?.[1] ?? '';
}
