import { inspect } from 'node:util';

const hidden = '[secret]';

/** A text that no log, error message or serialisation shows; only `reveal` does, where it is put into a header. */
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
