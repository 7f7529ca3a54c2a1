/** The resources opened so far. Closes all of them in reverse order, even if one fails. */
export class CloseStack {
  readonly #closers: (() => Promise<unknown> | void)[] = [];

  push(close: () => Promise<unknown> | void): void {
    this.#closers.push(close);
  }

  async closeAll(): Promise<void> {
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) await close();
  }
}
