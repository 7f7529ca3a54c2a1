import { isJsonObject, type JsonObject } from '../json.js';
import type { CountedMedia } from './counted.js';
import { measureTexts, type TextMeasure } from './text-tokens.js';

/** The kind of a member of a request whose value is not measured as text. */
export type Media =
  | { readonly kind: 'image' }
  | { readonly kind: 'audio' | 'video'; readonly tokens: number }
  /** The model may read so much from this part that it fills the whole input: many pages, or the content at a URL. */
  | { readonly kind: 'document' | 'anything' }
  /** Text of which only the number of tokens is known. */
  | { readonly kind: 'text'; readonly tokens: number };

/** How the input in an upstream's requests is read. */
export interface InputReader {
  /** Members whose objects the model reads as JSON: definitions of tools, schemas, arguments. */
  readonly shownAsJson: ReadonlySet<string>;
  /**
   * Returns what a member counts as; undefined: its value is measured as text. Not called within members that the model
   * reads as JSON.
   */
  readonly readMedia: (name: string, value: unknown, holder: JsonObject) => Media | undefined;
  readonly canonicalName: (name: string) => string;
}

/** The largest possible input of a request, by kind. */
export interface InputMeasure {
  readonly textTokens: number;
  readonly images: number;
  /** The number of pictures and documents. */
  readonly mediaParts: number;
  /** Tokens of the pictures and documents that were counted. `images` and `filledBy` do not contain these. */
  readonly mediaTokens?: number | undefined;
  readonly audioTokens: number;
  readonly videoTokens: number;
  /** The kind of the part that can fill the model's whole input: see `Media`. */
  readonly filledBy: 'nothing' | 'document' | 'anything';
  /** The longest cache lifetime that any part of the request asks for. */
  readonly cacheWrites: 'none' | '5m' | '1h';
}

/**
 * Replaces the measured pictures and documents by their counts, if all of them were counted and no part counts as
 * `anything`.
 */
export function withCountedMedia(measure: InputMeasure, media: CountedMedia | undefined): InputMeasure {
  if (media?.parts !== measure.mediaParts || measure.filledBy === 'anything') return measure;
  const { textTokens, audioTokens, videoTokens, cacheWrites, mediaParts } = measure;
  return {
    textTokens,
    audioTokens,
    videoTokens,
    cacheWrites,
    mediaParts,
    images: 0,
    filledBy: 'nothing',
    mediaTokens: media.tokens,
  };
}

/**
 * Measures a request's body, or a part of it, in one pass. Everything counts as text unless it is known to be something
 * else. This includes members that the model never reads, so the result is an upper bound, which may be much too high.
 */
export function measureInput(body: unknown, reader: InputReader, texts: TextMeasure = measureTexts()): InputMeasure {
  const measuring = new Measuring(reader, texts);
  measuring.add(body, false);
  return measuring;
}

class Measuring implements InputMeasure {
  textTokens = 0;
  images = 0;
  mediaParts = 0;
  audioTokens = 0;
  videoTokens = 0;
  filledBy: InputMeasure['filledBy'] = 'nothing';
  cacheWrites: InputMeasure['cacheWrites'] = 'none';
  readonly #reader: InputReader;
  readonly #texts: TextMeasure;

  constructor(reader: InputReader, texts: TextMeasure) {
    this.#reader = reader;
    this.#texts = texts;
  }

  add(value: unknown, asJson: boolean): void {
    if (typeof value === 'string') this.textTokens += asJson ? this.#texts.json(value) : this.#texts.text(value);
    else if (Array.isArray(value)) for (const item of value) this.#addItem(item, asJson);
    else if (isJsonObject(value)) for (const name of Object.keys(value)) this.#addMember(name, value, asJson);
    else this.textTokens += this.#texts.scalar;
  }

  #addItem(item: unknown, asJson: boolean): void {
    this.textTokens += 2;
    this.add(item, asJson);
  }

  #addMember(written: string, holder: JsonObject, asJson: boolean): void {
    const value = holder[written];
    const name = this.#reader.canonicalName(written);
    this.textTokens += this.#texts.member + this.#texts.json(written);
    if (name === 'cache_control') this.#noteCache(value);
    const media = asJson ? undefined : this.#reader.readMedia(name, value, holder);
    if (media !== undefined) return this.#addMedia(media);
    this.add(value, asJson || (typeof value === 'object' && this.#reader.shownAsJson.has(name)));
  }

  #addMedia(media: Media): void {
    switch (media.kind) {
      case 'image':
        this.images += 1;
        this.mediaParts += 1;
        return;
      case 'audio':
        this.audioTokens += media.tokens;
        return;
      case 'video':
        this.videoTokens += media.tokens;
        return;
      case 'text':
        this.textTokens += media.tokens;
        return;
      case 'document':
        this.mediaParts += 1;
        if (this.filledBy === 'nothing') this.filledBy = 'document';
        return;
      case 'anything':
        this.filledBy = 'anything';
    }
  }

  #noteCache(value: unknown): void {
    if (!isJsonObject(value)) return;
    if (value.ttl === '1h') this.cacheWrites = '1h';
    else if (this.cacheWrites === 'none') this.cacheWrites = '5m';
  }
}
