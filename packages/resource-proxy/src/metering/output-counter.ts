import { countStringBytes } from './string-bytes.js';

const quote = 0x22;

/** The members of an operation's stream events that hold the model's output. */
interface OutputForm {
  /**
   * The member whose value is the newly written text. Given without its first quote, which is too common to search for.
   */
  readonly member: Buffer;
  /** An event with one of these and none of `shown` begins output that the stream does not show as it is written. */
  readonly begins?: { readonly event: Buffer; readonly shown: readonly Buffer[] };
}

const forms: Readonly<Record<string, OutputForm>> = {
  'openai.chat/completions': { member: Buffer.from('delta":') },
  'openai.responses': {
    member: Buffer.from('delta":'),
    begins: {
      event: Buffer.from('"response.output_item.added"'),
      shown: ['"message"', '"function_call"', '"custom_tool_call"'].map((type) => Buffer.from(type)),
    },
  },
  'anthropic.messages': {
    member: Buffer.from('delta":'),
    begins: {
      event: Buffer.from('"content_block_start"'),
      shown: ['"text"', '"tool_use"'].map((type) => Buffer.from(`"type":${type}`)),
    },
  },
  'google.streamGenerateContent': { member: Buffer.from('content":') },
};

/** Tokens that frame a tool call or a further text, and that are not in the text of the stream. */
const framingTokens = 32;

/**
 * Computes an upper bound for the tokens that a model has written, from the events of its stream. With every vendor's
 * tokenizer a token is at least one byte of text.
 */
export class OutputCounter {
  readonly #form: OutputForm | undefined;
  #tokens = 0;
  #isWhole = true;

  constructor(operationId: string) {
    this.#form = forms[operationId];
  }

  /** @returns undefined when the model wrote output that the stream does not show */
  get tokens(): number | undefined {
    return this.#form !== undefined && this.#isWhole ? this.#tokens : undefined;
  }

  /** An event, whole, with or without the name of its field. */
  count(event: Buffer): void {
    if (this.#form === undefined || !this.#isWhole) return;
    const { member, begins } = this.#form;
    for (let at = event.indexOf(member); at !== -1; at = event.indexOf(member, at + member.length))
      if (event[at - 1] === quote) this.#tokens += Math.max(1, countStringBytes(event, at + member.length));
    if (begins === undefined || !event.includes(begins.event)) return;
    if (begins.shown.some((type) => event.includes(type))) this.#tokens += framingTokens;
    else this.lose();
  }

  /** An event was too large to be examined. */
  lose(): void {
    this.#isWhole = false;
  }
}
