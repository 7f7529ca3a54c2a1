import type { IncomingHttpHeaders } from 'node:http';
import type { Denial } from '../denials/denial.js';
import { readErrorBody } from './read-error-body.js';
import type { RelayOptions } from './relay-options.js';

const maxBodyBytes = 65_536;

export type ErrorAnswer =
  | { readonly kind: 'body'; readonly headers: Readonly<Record<string, string>>; readonly body: Buffer }
  /** The upstream rejected the provider key. The client gets this proxy's own error. */
  | { readonly kind: 'denied'; readonly denial: Denial };

/** An error answer of an upstream. It is collected, up to a bound, before any part of it is passed on. */
export class UpstreamError {
  readonly #options: Pick<RelayOptions, 'api' | 'exchange' | 'filter' | 'meter'>;
  #headers: Readonly<Record<string, string>> = {};
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  begin(headers: IncomingHttpHeaders): void {
    this.#headers = this.#options.filter.begin(headers);
  }

  collect(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= maxBodyBytes) this.#chunks.push(chunk);
  }

  /**
   * @returns the error as JSON in the vendor's format, with the provider key and names of the owner's account masked; a
   * general error if the upstream's error is not in that format; a denial if the upstream rejected the provider key
   */
  read(status: number): ErrorAnswer {
    const { api, exchange, filter, meter } = this.#options;
    const body = readErrorBody(this.#chunks);
    meter.readError(body);
    const error = api.readError(status, body);
    const code = this.#withoutSecrets(error.code);
    exchange.upstreamCode = code;
    if (error.kind === 'key_rejected') return { kind: 'denied', denial: { reason: 'provider_key_rejected', code } };
    const forClient = filter.filterWhole(Buffer.from(JSON.stringify(error.body)));
    const own = { 'content-type': 'application/json', 'content-length': String(forClient.length) };
    return { kind: 'body', headers: { ...this.#headers, ...own }, body: forClient };
  }

  /** @returns undefined when the code contains the provider key or a name of the owner's account */
  #withoutSecrets(code: string | undefined): string | undefined {
    return code !== undefined && this.#options.filter.filterWhole(Buffer.from(code)).toString() === code
      ? code
      : undefined;
  }
}
