import { createHash } from 'node:crypto';
import { isError } from '@aipassport/contracts';
import { AwsV4Signer } from 'aws4fetch';
import { describeProblem, type StoredText } from './stored-text.js';

/** A request that takes longer has failed. The writer holds a transaction of the database meanwhile. */
const timeoutMilliseconds = 4_000;
/** A text is read, and is written, at most once in this time, because each request may cost money. */
const restMilliseconds = 4_000;

export interface BucketSettings {
  /** The URL of the bucket, with its name in the host or in the path. */
  readonly url: string;
  readonly region: string;
  /** The names of all objects begin with it. */
  readonly prefix: string;
  readonly accessKeyId: string;
  /** SECRET: signs the requests. */
  readonly secretAccessKey: string;
}

/** The access key, which may be replaced while the server runs. */
export type BucketKey = Pick<BucketSettings, 'accessKeyId' | 'secretAccessKey'>;

/** The message is public: it has no credentials. */
export class BucketFailed extends Error {
  override readonly name = 'BucketFailed';
  /** The status of the answer; undefined when there was none. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

export interface ListedObject {
  /** Without the prefix. */
  readonly name: string;
  /** undefined when the store does not say it */
  readonly modifiedAt: Date | undefined;
}

interface BucketRequest {
  readonly method: 'GET' | 'PUT';
  readonly name?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** A bucket of a store that speaks the API of Amazon S3. Requests are signed with Signature Version 4. */
export class Bucket {
  readonly #settings: Omit<BucketSettings, keyof BucketKey>;
  readonly #readKey: () => BucketKey;

  /** @param readKey SECRET: returns the access key in force, for each request */
  constructor(settings: BucketSettings, readKey: () => BucketKey = () => settings) {
    this.#settings = settings;
    this.#readKey = readKey;
  }

  /** Stores a new object. @throws BucketFailed also if an object of this name exists, which stays as it is */
  async create(name: string, body: Buffer): Promise<void> {
    const answer = await this.#send({ method: 'PUT', name, body, headers: { 'if-none-match': '*' } });
    await requireSuccess(`PUT ${name}`, answer);
  }

  async replace(name: string, text: string): Promise<void> {
    const answer = await this.#send({ method: 'PUT', name, body: Buffer.from(text) });
    await requireSuccess(`PUT ${name}`, answer);
  }

  /** @returns undefined when there is no such object */
  async find(name: string): Promise<Buffer | undefined> {
    const answer = await this.#send({ method: 'GET', name });
    if (answer.status === 404 && (await readCode(answer.clone())) === 'NoSuchKey') return undefined;
    await requireSuccess(`GET ${name}`, answer);
    return Buffer.from(await answer.arrayBuffer());
  }

  /** Lists the names of all objects that come after a name, in their order, without the prefix. */
  async *list(after = ''): AsyncGenerator<string> {
    for await (const { name } of this.listObjects('', after)) yield name;
  }

  /** Lists the objects whose names begin with this text and come after another one, in the order of their names. */
  async *listObjects(beginning: string, after = ''): AsyncGenerator<ListedObject> {
    const { prefix } = this.#settings;
    for (let token = ''; ; ) {
      const paging = token !== '' && { 'continuation-token': token };
      const start = after !== '' && { 'start-after': `${prefix}${after}` };
      const query = { 'list-type': '2', prefix: `${prefix}${beginning}`, ...start, ...paging };
      const answer = await this.#send({ method: 'GET', query });
      await requireSuccess('LIST', answer);
      const xml = await answer.text();
      for (const [, contents = ''] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
        const [, key = ''] = /<Key>([^<]*)<\/Key>/.exec(contents) ?? [];
        const [, time] = /<LastModified>([^<]*)<\/LastModified>/.exec(contents) ?? [];
        yield {
          name: unescapeXml(key).slice(prefix.length),
          modifiedAt: time === undefined ? undefined : new Date(time),
        };
      }
      if (!/<IsTruncated>true<\/IsTruncated>/.test(xml)) return;
      const [, next] = /<NextContinuationToken>([^<]+)<\/NextContinuationToken>/.exec(xml) ?? [];
      if (next === undefined) throw new BucketFailed('LIST: the answer has no continuation token');
      token = unescapeXml(next);
    }
  }

  /** A text that this server reads and replaces again and again. */
  openText(name: string): StoredText {
    const place = `${this.#settings.url}/${this.#settings.prefix}${name}`;
    let known: { readonly text: string | undefined } | undefined;
    let [readAt, writtenAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const isRecent = (at: number) => performance.now() - at < restMilliseconds;
    const describe = (problem: string) => (error: unknown) => {
      throw describeProblem(place, `${problem} (${isError(error) ? error.message : 'unknown'})`);
    };
    const read = async () => {
      if (known !== undefined && isRecent(readAt)) return known.text;
      const found = await this.find(name).catch(describe('cannot be read'));
      known = { text: found?.toString('utf8') };
      readAt = performance.now();
      return known.text;
    };
    const replace = async (text: string) => {
      known = { text };
      if (isRecent(writtenAt)) return;
      await this.replace(name, text).catch(describe('cannot be written'));
      writtenAt = performance.now();
    };
    return { name: place, read, recall: () => (known === undefined ? read() : Promise.resolve(known.text)), replace };
  }

  async #send({ method, name, query = {}, headers = {}, body }: BucketRequest): Promise<Response> {
    const { url: base, prefix, region } = this.#settings;
    const { accessKeyId, secretAccessKey } = this.#readKey();
    const url = new URL(name === undefined ? base : `${base}/${prefix}${name}`);
    url.search = new URLSearchParams(query).toString();
    const digest = createHash('sha256')
      .update(body ?? '')
      .digest('hex');
    const signed = await new AwsV4Signer({
      method,
      url: url.href,
      headers: { ...headers, 'x-amz-content-sha256': digest },
      service: 's3',
      region,
      accessKeyId,
      secretAccessKey,
    }).sign();
    signed.headers.delete('host'); // fetch sets it
    const signal = AbortSignal.timeout(timeoutMilliseconds);
    const sent = { method, headers: signed.headers, redirect: 'manual', signal, ...(body && { body }) } as const;
    return fetch(signed.url, sent).catch((error: unknown) => {
      throw new BucketFailed(`${method} ${name ?? 'LIST'}: ${describeNetwork(error)}`);
    });
  }
}

async function requireSuccess(what: string, answer: Response): Promise<void> {
  if (answer.ok) return;
  throw new BucketFailed(`${what}: the bucket answered ${answer.status} (${await readCode(answer)})`, answer.status);
}

/** The documented code of an error, such as `AccessDenied`. Nothing else of the answer is repeated. */
async function readCode(answer: Response): Promise<string> {
  const text = await answer.text().catch(() => '');
  return /<Code>([A-Za-z]{1,60})<\/Code>/.exec(text)?.[1] ?? 'no code';
}

function describeNetwork(error: unknown): string {
  if (!isError(error)) return 'failed';
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMilliseconds / 1_000} seconds`;
  const { cause } = error;
  return isError(cause) && 'code' in cause ? String(cause.code) : error.name;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole);
}
