import type { IncomingMessage } from 'node:http';

export interface GrantGateOptions {
  readonly request: IncomingMessage;
  /** So much of a body may be read for anybody with a token. */
  readonly freeBytes: number;
  /** @throws Denied when the grant lets nothing through any more */
  readonly requireOpenGrant: () => Promise<void>;
}

/** Stands before a large body: its grant is asked about first, once, and small bodies are not kept waiting for it. */
export class GrantGate {
  readonly #options: GrantGateOptions;
  #isPassed = false;
  #isWaiting = false;

  constructor(options: GrantGateOptions) {
    this.#options = options;
  }

  /** While it is, reading must not go on. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Before anything is read: asks when a large body is announced. @throws Denied */
  async announce(): Promise<void> {
    const { request, freeBytes, requireOpenGrant } = this.#options;
    if (Number(request.headers['content-length'] ?? 0) <= freeBytes) return;
    this.#isPassed = true;
    await requireOpenGrant();
  }

  /**
   * More of the body has been read: with the first byte that is not free, reading pauses until the grant is known.
   * @param onRefused told why, instead of going on
   */
  pass(receivedBytes: number, onRefused: (error: unknown) => void): void {
    const { request, freeBytes, requireOpenGrant } = this.#options;
    if (this.#isPassed || receivedBytes <= freeBytes) return;
    this.#isPassed = true;
    this.#isWaiting = true;
    request.pause();
    requireOpenGrant().then(() => {
      this.#isWaiting = false;
      request.resume();
    }, onRefused);
  }
}
