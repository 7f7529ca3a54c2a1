import { IntlMessageFormat } from 'intl-messageformat';
import { de } from './de.js';
import { en } from './en.js';
import { createFormats, type Formats } from './formats.js';
import { type Language, type Locale, languageOf, languages } from './language.js';
import type { ArgumentOf, TagOf } from './message-arguments.js';

/** The identifier of a text: the page or subject, a dot, and a name. The English texts define the identifiers. */
export type MessageId = keyof typeof en;

/** The argument names of a text, and its tags. */
export type ArgumentsOf<Id extends MessageId> = ArgumentOf<(typeof en)[Id]>;
export type TagsOf<Id extends MessageId> = TagOf<(typeof en)[Id]>;

/** The identifiers of texts without tags, which can be formatted as plain text. */
export type PlainId = { [Id in MessageId]: TagsOf<Id> extends never ? Id : never }[MessageId];
/** The identifiers of texts without arguments and tags. */
export type FixedId = { [Id in PlainId]: ArgumentsOf<Id> extends never ? Id : never }[PlainId];

/** A value that is formatted in the language of the text. A bigint is money in nano-US-dollars, rounded to cents. */
export type Value = string | number | bigint | Formatted;

/** A value that is formatted once the language is known. */
interface Formatted {
  readonly format: (formats: Formats) => string;
}

/** A count, or an amount of money that people must be able to read exactly, such as a limit. */
export function exactly(limit: number | bigint): Formatted {
  return { format: (formats) => formats.limit(limit) };
}

/** What is used or left of a limit, in its unit: a count, or money, which is rounded down. */
export function partOf(limit: number | bigint, part: number | bigint): Formatted {
  return {
    format: (formats) => (typeof part === 'bigint' ? formats.moneyOf(part, BigInt(limit)) : formats.count(part)),
  };
}

/** A length of time. */
export function lasting(seconds: number): Formatted {
  return { format: (formats) => formats.duration(seconds) };
}

/** An instant in a time zone. */
export function instant(at: Date, timeZone: string): Formatted {
  return { format: (formats) => formats.time(at, timeZone) };
}

type ValuesOf<Id extends MessageId> = [ArgumentsOf<Id>] extends [never]
  ? []
  : [values: Readonly<Record<ArgumentsOf<Id>, Value>>];

/** A text that is not formatted yet, because the code that makes it does not know the language. See `message`. */
export interface Message {
  readonly id: PlainId;
  readonly values: Readonly<Record<string, Value>>;
}

/** The texts in one language, and a region's formats of money, numbers and times. */
export interface Texts extends Formats {
  readonly language: Language;
  <Id extends PlainId>(id: Id, ...values: ValuesOf<Id>): string;
  readonly say: (message: Message) => string;
  /** The parts of a text whose values may be elements: strings, and the elements in between. See `Text`. */
  readonly formatParts: (id: MessageId, values: Readonly<Record<string, unknown>>) => unknown;
}

export function message<Id extends PlainId>(id: Id, ...[values]: ValuesOf<Id>): Message {
  return { id, values: values ?? {} };
}

const catalogues: Readonly<Record<Language, Readonly<Record<MessageId, string>>>> = { en, de };

type Compiled = ReadonlyMap<string, IntlMessageFormat>;

/** Parses the texts once, when the server starts. A text with a syntax error makes the start and the tests fail. */
function compile(language: Language): Compiled {
  return new Map(Object.entries(catalogues[language]).map(([id, text]) => [id, new IntlMessageFormat(text, language)]));
}

/** Compiles again, for a region, only those texts that format a number. The regions share the other texts. */
function adaptNumbers(compiled: Compiled, locale: Locale): Compiled {
  const texts = new Map<string, string>(Object.entries(catalogues[languageOf(locale)]));
  const writesNumber = (id: string) => /#|, number/.test(texts.get(id) ?? '');
  return new Map(
    [...compiled].map(([id, text]) => [id, writesNumber(id) ? new IntlMessageFormat(text.getAst(), locale) : text]),
  );
}

function createTexts(locale: Locale, compiled: Compiled): Texts {
  const language = languageOf(locale);
  const formats = createFormats(locale, {
    lessThan: catalogues[language]['common.lessThan'],
    nearTime: catalogues[language]['common.nearTime'],
  });
  const write = (value: unknown) => {
    if (typeof value === 'bigint') return formats.money(value);
    return isFormatted(value) ? value.format(formats) : value;
  };
  const formatParts = (id: MessageId, values: Readonly<Record<string, unknown>>) =>
    compiled.get(id)?.format(mapValues(values, write));
  const say = ({ id, values }: Message) => String(formatParts(id, values));
  const texts = <Id extends PlainId>(id: Id, ...values: ValuesOf<Id>) => say(message(id, ...values));
  return Object.assign(texts, formats, { language, say, formatParts });
}

function isFormatted(value: unknown): value is Formatted {
  return typeof value === 'object' && value !== null && 'format' in value;
}

/** The names of the tags in a text. */
export function listTags(id: MessageId): readonly string[] {
  return [...en[id].matchAll(/<\/(\w+)>/g)].map(([, tag = '']) => tag);
}

/**
 * Changes each value. The result is cast, because the declared type of `format` does not allow objects. `format`
 * accepts them and puts them into its result unchanged.
 */
function mapValues(values: Readonly<Record<string, unknown>>, change: (value: unknown) => unknown) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)])) as Record<
    string,
    string
  >;
}

const compiledTexts = new Map(languages.map((language) => [language, compile(language)] as const));

/** Made when they are first needed, because most servers have readers of a few regions only. */
const textsByLocale = new Map<Locale, Texts>();

function compiledIn(locale: Locale): Compiled {
  const language = languageOf(locale);
  return adaptNumbers(compiledTexts.get(language) ?? compile(language), locale);
}

/**
 * @param locale for mails and programs, pass a language without a region, because the regions of their readers are not
 * known
 */
export function textsIn(locale: Locale): Texts {
  const texts = textsByLocale.get(locale) ?? createTexts(locale, compiledIn(locale));
  textsByLocale.set(locale, texts);
  return texts;
}
