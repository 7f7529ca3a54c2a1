import { inspect } from 'node:util';

const hidden = '[secret]';

/**
 * A text that does not appear in logs, error messages or serialisations. Only `reveal` returns the text, for instance
 * for a header.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** SECRET: never logged. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return hidden;
  }

  toJSON(): string {
    return hidden;
  }

  [inspect.custom](): string {
    return hidden;
  }
}
