import { isJsonObject } from '@aipassport/policy';
import { parseJsonObject } from './parse-json.js';
import { countStringBytes } from './string-bytes.js';

const quote = 0x22;

/** The members of an operation's stream events that contain the model's output. */
export interface OutputForm {
  /**
   * The member whose value is the newly written text: its name, the closing quote and a colon. The opening quote is
   * left out, because quotes are so common that a search for them is slow.
   */
  readonly member: Buffer;
  /**
   * An event that contains `event` and none of `shown` begins output that the stream does not show as it is written. If
   * the event contains `thinking`, that output is thinking; otherwise it is the run of a tool.
   */
  readonly begins?: { readonly event: Buffer; readonly shown: readonly Buffer[]; readonly thinking: Buffer };
  /** An event with one of these may contain output that is not text. */
  readonly media: readonly Buffer[];
  /** Members whose values the vendor sets. These values are not counted. */
  readonly framing: readonly Buffer[];
}

/** Returns the bytes of members' names as they are written in JSON, in quotes. */
export function keys(...names: readonly string[]): readonly Buffer[] {
  return names.map((name) => Buffer.from(`"${name}"`));
}

/** In an event with media, a string that is longer than this is a piece of a recording or a picture. */
const maxWordBytes = 128;
/** The maximum number of tokens around a tool call or a further block of text. They are not in the stream's text. */
const framingTokens = 32;
/** Shorter events, such as `[DONE]`, cannot report a failure. */
const leastFailureBytes = 20;
const brace = 0x7b;

/**
 * Computes an upper bound for the tokens that a model has written, from the events of its stream. With every vendor's
 * tokenizer a token is at least one byte of text.
 */
export class OutputCounter {
  readonly #form: OutputForm | undefined;
  #tokens = 0;
  #textBytes = 0;
  #isWhole = true;
  #hasTools = false;
  #last: Buffer | undefined;

  /** @param form undefined for an operation whose text is not counted while it arrives */
  constructor(form: OutputForm | undefined) {
    this.#form = form;
  }

  /** An upper bound for the tokens of the output that was seen. */
  get tokens(): number {
    return this.#tokens;
  }

  /** The number of bytes of the text that was seen. */
  get textBytes(): number {
    return this.#textBytes;
  }

  /**
   * Whether the stream shows everything that the model writes, as far as the events say. A model may also think without
   * an event that says so.
   */
  get isWhole(): boolean {
    return this.#form !== undefined && this.#isWhole;
  }

  /**
   * Whether the vendor reported a failure in the last event, and neither text nor a run of a tool was seen before it.
   */
  get hasFailed(): boolean {
    if (this.#textBytes > 0 || this.#hasTools) return false;
    const start = this.#last?.indexOf(brace) ?? -1;
    const event = start === -1 ? undefined : this.#last && parseJsonObject(this.#last.subarray(start));
    return event !== undefined && isFailureEvent(event);
  }

  /** Counts a complete event: its JSON, with or without `data:` before it. */
  count(event: Buffer): void {
    if (event.length >= leastFailureBytes) this.#last = event;
    if (this.#form === undefined) return;
    const { member, begins, media, framing } = this.#form;
    for (let at = event.indexOf(member); at !== -1; at = event.indexOf(member, at + member.length)) {
      if (event[at - 1] !== quote) continue;
      const bytes = countStringBytes(event, at + member.length, framing);
      if (bytes > maxWordBytes && media.some((key) => event.includes(key))) return this.lose();
      this.#textBytes += bytes;
      this.#tokens += Math.max(1, bytes);
    }
    if (begins === undefined || !event.includes(begins.event)) return;
    if (begins.shown.some((type) => event.includes(type))) this.#tokens += framingTokens;
    else {
      this.lose();
      this.#hasTools ||= !event.includes(begins.thinking);
    }
  }

  /**
   * Counts an event that is too large to be kept. If it contains new text, or if there is no skeleton of it, the size
   * of the output is unknown.
   * @param skeleton the event as `JsonSkeleton` has reduced it
   */
  countLarge(skeleton: Buffer | undefined): void {
    if (skeleton === undefined || (this.#form !== undefined && skeleton.includes(this.#form.member))) this.lose();
    else this.count(skeleton);
  }

  /** Notes that there is output of unknown size. */
  lose(): void {
    this.#isWhole = false;
  }
}

/**
 * Whether this is the last event of a failed stream, in any vendor's format. A failed response that reports its usage
 * does not count, because it may be billed.
 */
function isFailureEvent({ type, error, response }: Readonly<Record<string, unknown>>): boolean {
  if (type === 'error' || isJsonObject(error)) return true;
  return type === 'response.failed' && isJsonObject(response) && !isJsonObject(response.usage);
}
