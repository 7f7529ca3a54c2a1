import { setTimeout as sleep } from 'node:timers/promises';
import { isJsonObject } from '@aipassport/policy';
import { Agent, request } from 'undici';
import { type TransitPlace, TransitUnavailable } from './sealing-key.js';
import type { TransitSettings } from './transit-settings.js';

export interface TransitLimits {
  /** How long one attempt may take, including the connection. */
  readonly attemptMilliseconds: number;
  readonly pauseMilliseconds: number;
}

/** Both attempts together take about three seconds at most. The proxy waits for its database equally long. */
export const transitLimits: TransitLimits = { attemptMilliseconds: 1_400, pauseMilliseconds: 100 };
const attempts = 2;
/** How many requests are sent to the engine at a time. Others wait, within the time of their attempt. */
const maxConnections = 16;
const maxAnswerBytes = 65_536;

/**
 * An engine answers 500 when the private key does not decrypt the ciphertext, and also when it has a fault. Only this
 * text tells the two apart.
 */
const notDecrypted = 'failed to RSA decrypt the ciphertext';

interface Question {
  readonly method: 'GET' | 'POST';
  /** Below `/v1/`. */
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

interface Answer {
  readonly status: number;
  /** The member `data` of the answer. It may be secret. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly isNotDecrypted: boolean;
}

/**
 * The transit engine of an OpenBao or a Vault. An error never contains a text of the engine, because such a text could
 * repeat the token or a plaintext. Redirects are not followed, because the token is only for the configured URL.
 */
export class TransitEngine {
  readonly #settings: TransitSettings;
  readonly #limits: TransitLimits;
  readonly #agent: Agent;
  /** Why the last request had no usable answer; undefined when it had one. */
  #problem: string | undefined;

  constructor(settings: TransitSettings, limits: TransitLimits = transitLimits) {
    this.#settings = settings;
    this.#limits = limits;
    const { certificates: ca } = settings;
    this.#agent = new Agent({
      allowH2: false,
      connections: maxConnections,
      maxResponseSize: maxAnswerBytes,
      connect: { timeout: limits.attemptMilliseconds, ...(ca !== undefined && { ca }) },
    });
  }

  /** Why the last request had no usable answer; undefined when it had one, or when no request was sent yet. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /**
   * Decrypts what was encrypted with RSA-OAEP, SHA-256 and no label.
   * @returns SECRET: the caller overwrites it
   * @throws TransitUnavailable; any other error if this key does not decrypt it
   */
  async decrypt({ mount, key, version }: TransitPlace, encrypted: Buffer): Promise<Buffer> {
    const ciphertext = `vault:v${version}:${encrypted.toString('base64')}`;
    const { data, isNotDecrypted } = await this.ask({
      method: 'POST',
      path: `${mount}/decrypt/${key}`,
      body: { ciphertext },
    });
    if (isNotDecrypted) throw new Error('the transit engine does not decrypt it');
    const { plaintext } = data;
    if (typeof plaintext !== 'string') throw this.#unavailable('its answer has no plaintext');
    return Buffer.from(plaintext, 'base64');
  }

  /** @throws TransitUnavailable unless the engine answers 200 or 204, or says that a key does not decrypt */
  async ask(question: Question): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const { answer, problem, mayRepeat } = await this.#attempt(question);
      if (answer !== undefined) {
        this.#problem = undefined;
        return answer;
      }
      if (attempt === attempts || !mayRepeat) throw this.#unavailable(problem);
      await sleep(this.#limits.pauseMilliseconds);
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #attempt({ method, path, body }: Question): Promise<Attempt> {
    const { url, namespace, readToken } = this.#settings;
    const token = tryRead(readToken);
    if (token === undefined) return { problem: 'its token cannot be read', mayRepeat: true };
    try {
      const response = await request(`${url}/v1/${path}`, {
        method,
        headers: {
          'x-vault-token': token,
          'x-vault-request': 'true',
          ...(namespace !== undefined && { 'x-vault-namespace': namespace }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        dispatcher: this.#agent,
        signal: AbortSignal.timeout(this.#limits.attemptMilliseconds),
      });
      return readAnswer(response.statusCode, await response.body.text(), () => tryRead(readToken) !== token);
    } catch (error) {
      return { problem: `it cannot be reached (${nameOfError(error)})`, mayRepeat: true };
    }
  }

  #unavailable(problem: string): TransitUnavailable {
    this.#problem = problem;
    return new TransitUnavailable(`the transit engine of the sealing key: ${problem}`);
  }
}

/** Without an answer, `problem` says why, and `mayRepeat` says whether another attempt may help. */
type Attempt =
  | { readonly answer: Answer; readonly problem?: undefined; readonly mayRepeat?: undefined }
  | { readonly answer?: undefined; readonly problem: string; readonly mayRepeat: boolean };

function readAnswer(status: number, text: string, isTokenNew: () => boolean): Attempt {
  const json = parse(text);
  if (status === 200 || status === 204) {
    if (json === undefined && status === 200) return { problem: 'its answer is not JSON', mayRepeat: false };
    const data = json?.['data'];
    return { answer: { status, data: isJsonObject(data) ? data : {}, isNotDecrypted: false } };
  }
  const errors = Array.isArray(json?.['errors']) ? json['errors'] : [];
  if (errors.some((error) => String(error).includes(notDecrypted)))
    return { answer: { status, data: {}, isNotDecrypted: true } };
  const isRefused = status === 403;
  const isPassing = status === 412 || status === 429 || status >= 500;
  return {
    problem: isRefused ? 'it refuses the token (status 403)' : `it answers with status ${status}`,
    mayRepeat: isPassing || (isRefused && isTokenNew()),
  };
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isJsonObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

/** @returns undefined also for a text that no header can contain */
function tryRead(readToken: () => string): string | undefined {
  try {
    const token = readToken();
    return /^[\x21-\x7e]+$/.test(token) ? token : undefined;
  } catch {
    return undefined;
  }
}

/** The code or the name of an error, and never its message. */
function nameOfError(error: unknown): string {
  const { code, name } = (error ?? {}) as { readonly code?: unknown; readonly name?: unknown };
  return String(typeof code === 'string' ? code : name);
}
