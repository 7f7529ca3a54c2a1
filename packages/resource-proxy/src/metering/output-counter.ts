import { countStringBytes } from './string-bytes.js';

const quote = 0x22;

/** How an operation's streams say what the model writes. */
interface OutputForm {
  /** The member whose value is what has been written since the event before; its first quote is too common to look for. */
  readonly member: Buffer;
  /** In an event that has one of these, and none of `shown`, something begins that is not shown as it is written. */
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

/** What frames one call of a tool or one more text, and stands in no text of the stream. */
const framingTokens = 32;

/**
 * Counts, as the events of a stream go by, how many tokens a model has written at most: each is at least one byte of the
 * texts in them, with every vendor's tokenizer.
 */
export class OutputCounter {
  readonly #form: OutputForm | undefined;
  #tokens = 0;
  #isWhole = true;

  constructor(operationId: string) {
    this.#form = forms[operationId];
  }

  /** @returns undefined when something was written that is not seen in the stream */
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

  /** Something went by that was too large to be looked at. */
  lose(): void {
    this.#isWhole = false;
  }
}
