import type { IncomingMessage } from 'node:http';

export interface GrantGateOptions {
  readonly request: IncomingMessage;
  /** How many bytes of a body may be read before the grant is checked. */
  readonly freeBytes: number;
  /** @throws Denied when the grant admits no more requests */
  readonly requireOpenGrant: () => Promise<void>;
}

/** Checks the grant once, before most of a large body is read. Small bodies do not wait for this check. */
export class GrantGate {
  readonly #options: GrantGateOptions;
  #isPassed = false;
  #isWaiting = false;

  constructor(options: GrantGateOptions) {
    this.#options = options;
  }

  /** While this is true, the body must not be read further. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Called before the body is read. Checks the grant when a large body is announced. @throws Denied */
  async announce(): Promise<void> {
    const { request, freeBytes, requireOpenGrant } = this.#options;
    if (Number(request.headers['content-length'] ?? 0) <= freeBytes) return;
    this.#isPassed = true;
    await requireOpenGrant();
  }

  /**
   * Called when more of the body has been read. When more than `freeBytes` have arrived, reading pauses until the grant
   * has been checked.
   * @param onRefused called with the reason, instead of resuming
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
