import { constants, generateKeyPairSync, type KeyObject, privateDecrypt } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A request that reached the stub. */
export interface TransitRequest {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly token: string | undefined;
  readonly namespace: string | undefined;
  readonly body: string;
}

interface StubKey {
  readonly versions: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }[];
  minDecryptionVersion: number;
  exportable: boolean;
}

type Behaviour = (request: TransitRequest, response: ServerResponse) => void;

export interface TransitStubOptions {
  /** PEM; undefined: plain HTTP */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly port?: number;
}

/**
 * A stub of the transit engine of OpenBao and Vault. It was not compared with a real engine. It gives the answers that
 * their documentation describes for reading, rotating and decrypting with RSA keys, and the texts of errors that their
 * source code has. It decrypts with real RSA keys.
 */
export class TransitStub {
  readonly requests: TransitRequest[] = [];
  /** The only token that the stub accepts. */
  token = 's.stub-token-0123456789';
  /** Answers in place of the stub; undefined: the stub answers. */
  behaviour: Behaviour | undefined;
  /** Whether the first request with each body is cut off, as by an engine that is just restarting. */
  cutsFirst = false;
  readonly #seen = new Set<string>();
  readonly #keys = new Map<string, StubKey>();
  readonly #server: Server;
  #url = '';

  private constructor({ tls }: TransitStubOptions) {
    const listener = (request: IncomingMessage, response: ServerResponse) => void this.#answer(request, response);
    this.#server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  }

  static async start(options: TransitStubOptions = {}): Promise<TransitStub> {
    const stub = new TransitStub(options);
    await new Promise<void>((resolve) => {
      stub.#server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    const { port } = stub.#server.address() as AddressInfo;
    stub.#url = `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
    return stub;
  }

  /** The address of the stub, even after it has been closed. */
  get url(): string {
    return this.#url;
  }

  /** The number of requests to decrypt. */
  get decryptions(): number {
    return this.requests.filter(({ path = '' }) => path.includes('/decrypt/')).length;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => {
      this.#server.close(resolve);
    });
    this.#server.closeAllConnections();
    await closed;
  }

  /** Makes a key with one version, as an operator does. @param path such as `transit/aipassport` */
  makeKey(path: string, { modulusLength = 3072, exportable = false } = {}): void {
    this.#keys.set(path, { versions: [makePair(modulusLength)], minDecryptionVersion: 1, exportable });
  }

  /** Archives earlier versions, as an operator does with `min_decryption_version`. */
  archive(path: string, minDecryptionVersion: number): void {
    const key = this.#keys.get(path);
    if (key !== undefined) key.minDecryptionVersion = minDecryptionVersion;
  }

  /** The public half of one version, as a JWK. */
  publicJwk(path: string, version = 1): { readonly n: string; readonly e: string } {
    const { n = '', e = '' } = this.#keys.get(path)?.versions[version - 1]?.publicKey.export({ format: 'jwk' }) ?? {};
    return { n, e };
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const header = (name: string) => incoming.headers[name]?.toString();
    const request = {
      method: incoming.method,
      path: incoming.url,
      token: header('x-vault-token'),
      namespace: header('x-vault-namespace'),
      body: Buffer.concat(chunks).toString(),
    };
    this.requests.push(request);
    const isFirst = !this.#seen.has(request.body);
    this.#seen.add(request.body);
    if (this.cutsFirst && isFirst) return void response.destroy();
    if (this.behaviour !== undefined) return this.behaviour(request, response);
    if (request.token !== this.token) return answerErrors(response, 403, 'permission denied');
    const [, mount, action, name, verb] =
      /^\/v1\/(.+)\/(keys|decrypt)\/([^/]+?)(\/rotate)?$/.exec(request.path ?? '') ?? [];
    const key = this.#keys.get(`${mount}/${name}`);
    if (action === 'decrypt') return decrypt(key, request, response);
    if (key === undefined) return answerErrors(response, 404);
    if (verb === undefined) return answerData(response, describeKey(String(name), key));
    key.versions.push(makePair(3072));
    response.writeHead(204).end();
  }
}

function makePair(modulusLength: number) {
  return generateKeyPairSync('rsa', { modulusLength });
}

function describeKey(name: string, { versions, minDecryptionVersion, exportable }: StubKey) {
  const describe = ({ publicKey }: StubKey['versions'][number]) => ({
    creation_time: '2026-11-30T08:00:00.123456789Z',
    name: 'rsa-3072',
    public_key: publicKey.export({ format: 'pem', type: 'spki' }),
  });
  return {
    type: 'rsa-3072',
    name,
    exportable,
    allow_plaintext_backup: false,
    latest_version: versions.length,
    min_decryption_version: minDecryptionVersion,
    keys: Object.fromEntries(versions.map((version, index) => [String(index + 1), describe(version)])),
  };
}

function decrypt(key: StubKey | undefined, { body }: TransitRequest, response: ServerResponse): void {
  if (key === undefined) return answerErrors(response, 400, 'encryption key not found');
  const { ciphertext } = JSON.parse(body) as { readonly ciphertext?: unknown };
  const [, version, encoded = ''] = /^vault:v(\d+):(.+)$/.exec(String(ciphertext)) ?? [];
  if (version === undefined) return answerErrors(response, 400, 'invalid ciphertext: no prefix');
  const pair = key.versions[Number(version) - 1];
  if (pair === undefined) return answerErrors(response, 400, 'invalid ciphertext: version is too new');
  if (Number(version) < key.minDecryptionVersion)
    return answerErrors(response, 400, 'ciphertext or signature version is disallowed by policy (too old)');
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const options = { key: pair.privateKey, padding, oaepHash: 'sha256' };
    answerData(response, { plaintext: privateDecrypt(options, Buffer.from(encoded, 'base64')).toString('base64') });
  } catch {
    const text = '1 error occurred:\n\t* failed to RSA decrypt the ciphertext: crypto/rsa: decryption error\n\n';
    answerErrors(response, 500, text);
  }
}

export function answerData(response: ServerResponse, data: object): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ request_id: 'stub', lease_id: '', renewable: false, lease_duration: 0, data }));
}

export function answerErrors(response: ServerResponse, status: number, ...errors: readonly string[]): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ errors }));
}
