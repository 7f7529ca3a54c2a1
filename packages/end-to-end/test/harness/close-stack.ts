/** What was opened so far, to be closed in the opposite order, whatever happens next. */
export class CloseStack {
  readonly #closers: (() => Promise<unknown> | void)[] = [];

  push(close: () => Promise<unknown> | void): void {
    this.#closers.push(close);
  }

  async closeAll(): Promise<void> {
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) await close();
  }
}
