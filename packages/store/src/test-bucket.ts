import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BucketKey, BucketSettings } from './journal/bucket.js';

/**
 * What the stub does in place of the answer. `loses`: it stores the object and ends the connection. `replaces`: it does
 * not know conditional writes. `lists not`: the access key lacks the right to list.
 */
export type BucketFault = 'refuses' | 'hangs' | 'loses' | 'replaces' | 'lists not';

/**
 * A stub of a bucket. It was not compared with a real object store. It gives the answers that the documentation of
 * Amazon S3 describes for PutObject with and without `If-None-Match`, GetObject and ListObjectsV2, and it checks the
 * signature of every request (Signature Version 4) with its own code.
 */
export class BucketStub {
  readonly objects = new Map<string, Buffer>();
  /** When the objects were written; those that are not here were written just now. */
  readonly modifiedAt = new Map<string, Date>();
  /** The methods and names of the requests that were answered with success. */
  readonly requests: string[] = [];
  fault: BucketFault | undefined;
  /** The access key that it accepts now; undefined: that of the settings. */
  key: BucketKey | undefined;
  /** How many names one answer lists. */
  pageSize = 1_000;
  readonly settings: BucketSettings;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    this.settings = {
      url: `http://127.0.0.1:${port}/the-bucket`,
      region: 'eu-test-1',
      prefix: 'instance-1/',
      accessKeyId: 'STUBKEYID',
      secretAccessKey: 'stub/secret+access/key',
    };
  }

  static async start(): Promise<BucketStub> {
    const server = createServer((request, response) => void stub.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const stub = new BucketStub(server);
    return stub;
  }

  /** The settings as environment variables of the servers. */
  get variables(): Readonly<Record<string, string>> {
    const { url, region, prefix, accessKeyId, secretAccessKey } = this.settings;
    return {
      JOURNAL_BUCKET_URL: url,
      JOURNAL_BUCKET_REGION: region,
      JOURNAL_BUCKET_PREFIX: prefix,
      JOURNAL_BUCKET_ACCESS_KEY_ID: accessKeyId,
      JOURNAL_BUCKET_SECRET_ACCESS_KEY: secretAccessKey,
    };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const { fault } = this;
    if (fault === 'hangs') return;
    if (fault === 'refuses') return refuse(response, 503, 'SlowDown');
    const url = new URL(request.url ?? '', 'http://stub');
    const problem = findProblem({ ...this.settings, ...this.key }, { request, url, body });
    if (problem !== undefined) return refuse(response, 403, problem);
    const [, bucket, ...names] = decodeURIComponent(url.pathname).split('/');
    const key = names.join('/');
    if (bucket !== 'the-bucket') return refuse(response, 404, 'NoSuchBucket');
    this.requests.push(`${request.method} ${key}`);
    if (request.method === 'PUT') return this.#put(key, body, { request, response, fault });
    if (key === '' && fault === 'lists not') return refuse(response, 403, 'AccessDenied');
    if (key === '' && url.searchParams.get('list-type') === '2') return this.#list(url, response);
    const found = this.objects.get(key);
    if (found === undefined) return refuse(response, 404, 'NoSuchKey');
    response.end(found);
  }

  #put(
    key: string,
    body: Buffer,
    {
      request,
      response,
      fault,
    }: {
      readonly request: IncomingMessage;
      readonly response: ServerResponse;
      readonly fault: BucketFault | undefined;
    },
  ): void {
    const isConditional = request.headers['if-none-match'] === '*' && fault !== 'replaces';
    if (isConditional && this.objects.has(key)) return refuse(response, 412, 'PreconditionFailed');
    this.objects.set(key, body);
    if (fault === 'loses') request.destroy();
    else response.end();
  }

  #time = (name: string) => (this.modifiedAt.get(name) ?? new Date()).toISOString();

  #list(url: URL, response: ServerResponse): void {
    const prefix = url.searchParams.get('prefix') ?? '';
    const token = Buffer.from(url.searchParams.get('continuation-token') ?? '', 'base64').toString();
    const after = token || (url.searchParams.get('start-after') ?? '');
    const names = [...this.objects.keys()].filter((name) => name.startsWith(prefix) && name > after).toSorted();
    const page = names.slice(0, this.pageSize);
    const isTruncated = names.length > page.length;
    const nextToken = Buffer.from(page.at(-1) ?? '').toString('base64');
    const next = isTruncated ? `<NextContinuationToken>${nextToken}</NextContinuationToken>` : '';
    const contents = page
      .map((name) => `<Contents><Key>${name}</Key><LastModified>${this.#time(name)}</LastModified></Contents>`)
      .join('');
    response.end(
      `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>the-bucket</Name><IsTruncated>${isTruncated}</IsTruncated>${next}${contents}</ListBucketResult>`,
    );
  }
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>stub</Message></Error>`);
}

interface Received {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly body: Buffer;
}

/** Checks the signature as the documentation of Signature Version 4 describes it. @returns the code of an error */
function findProblem(settings: BucketSettings, { request, url, body }: Received): string | undefined {
  const { headers, method = '' } = request;
  const fields =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=([\da-f]{64})$/;
  const [, id, day = '', region, names = '', signature = ''] = fields.exec(headers.authorization ?? '') ?? [];
  if (id !== settings.accessKeyId) return 'InvalidAccessKeyId';
  if (region !== settings.region) return 'AuthorizationHeaderMalformed';
  const time = String(headers['x-amz-date']);
  const sentAt = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(Date.now() - sentAt) < 15 * 60_000) || !time.startsWith(day)) return 'RequestTimeTooSkewed';
  const signed = names.split(';');
  // all headers of Amazon and the condition must be signed, or someone in between could change them
  const needed = Object.keys(headers).filter((name) => name.startsWith('x-amz-') || name === 'if-none-match');
  if (!['host', ...needed].every((name) => signed.includes(name))) return 'AccessDenied';
  if (headers['x-amz-content-sha256'] !== sha256(body)) return 'XAmzContentSHA256Mismatch';
  const query = [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted()
    .join('&');
  const canonical = [
    method,
    decodeURIComponent(url.pathname).split('/').map(encode).join('/'),
    query,
    ...signed.map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    names,
    sha256(body),
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', time, `${day}/${region}/s3/aws4_request`, sha256(canonical)].join('\n');
  const key = [day, settings.region, 's3', 'aws4_request'].reduce<Buffer | string>(
    (last, part) => hmac(last, part),
    `AWS4${settings.secretAccessKey}`,
  );
  return timingSafeEqual(hmac(key, text), Buffer.from(signature, 'hex')) ? undefined : 'SignatureDoesNotMatch';
}

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text).digest();
const encode = (text: string) =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
