/** The resources opened so far. `closeAll` closes them in reverse order, and stops at the first one that fails. */
export class CloseStack {
  readonly #closers: (() => Promise<unknown> | void)[] = [];

  push(close: () => Promise<unknown> | void): void {
    this.#closers.push(close);
  }

  async closeAll(): Promise<void> {
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) await close();
  }
}
