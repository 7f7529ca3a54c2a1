/** The resources opened so far. */
export class CloseStack {
  readonly #closers: (() => Promise<unknown> | void)[] = [];

  push(close: () => Promise<unknown> | void): void {
    this.#closers.push(close);
  }

  /**
   * Closes all resources in reverse order, even if some cannot be closed.
   * @throws AggregateError if some resources could not be closed
   */
  async closeAll(): Promise<void> {
    const errors: unknown[] = [];
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop())
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    if (errors.length > 0) throw new AggregateError(errors, 'some resources could not be closed');
  }
}
