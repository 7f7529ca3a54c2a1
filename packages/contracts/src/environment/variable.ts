import { isLoopbackHost } from '../loopback.js';
import { parseDatabaseUrl } from './database-url.js';

/** One environment variable: its meaning, how its text is read, and what applies if it is not set. */
export interface Variable<T> {
  readonly description: string;
  /** What a value looks like, in words, for the documentation and for error messages. */
  readonly form: string;
  /** SECRET values are never printed, and may be given as a file named by `<NAME>_FILE`. */
  readonly secret: boolean;
  readonly required: boolean;
  /** The default value as an operator would write it. undefined when the variable has no default. */
  readonly defaultText: string | undefined;
  /** @throws Error with a message that does not repeat the value */
  readonly parse: (text: string) => T;
}

interface Options {
  readonly description: string;
}

interface Reader<T> {
  readonly form: string;
  readonly parse: (text: string) => T;
  readonly secret?: boolean;
}

/** A variable that must be given. */
export function required<T>(reader: Reader<T>, { description }: Options): Variable<T> {
  return { secret: false, ...reader, description, required: true, defaultText: undefined };
}

/** A variable that may be left out. In that case its value is undefined. */
export function optional<T>(reader: Reader<T>, { description }: Options): Variable<T | undefined> {
  return { secret: false, ...reader, description, required: false, defaultText: undefined };
}

/** A variable that may be left out. In that case its value is read from `defaultText`. */
export function withDefault<T>(reader: Reader<T>, defaultText: string, { description }: Options): Variable<T> {
  return { secret: false, ...reader, description, required: false, defaultText };
}

function fail(form: string): never {
  throw new Error(`must be ${form}`);
}

export const text: Reader<string> = { form: 'text', parse: (value) => value };

/** SECRET: never logged. */
export const secret: Reader<string> = { form: 'a secret', secret: true, parse: (value) => value };

export const filePath: Reader<string> = { form: 'the path of a file', parse: (value) => value };

/** The beginning of names of objects in a bucket: characters that need no encoding in a URL. */
export const objectPrefix: Reader<string> = {
  form: 'letters, digits, dots, hyphens, underscores and slashes, of which the first is no slash',
  parse: (value) => (/^[\w.-][\w./-]{0,199}$/.test(value) && !value.includes('..') ? value : fail(objectPrefix.form)),
};

export const port: Reader<number> = integer(0, 65_535, 'a port number');

export const flag: Reader<boolean> = {
  form: '`true` or `false`',
  parse: (value) => (value === 'true' ? true : value === 'false' ? false : fail('`true` or `false`')),
};

export function integer(min: number, max: number, form = `a whole number from ${min} to ${max}`): Reader<number> {
  return {
    form,
    parse: (value) => {
      const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      return number >= min && number <= max ? number : fail(form);
    },
  };
}

export function oneOf<const V extends string>(values: readonly V[]): Reader<V> {
  const form = `one of ${values.map((value) => `\`${value}\``).join(', ')}`;
  return { form, parse: (value) => values.find((known) => known === value) ?? fail(form) };
}

/** A comma-separated list whose members are all among `values`; the empty text is the empty list. */
export function listOf<const V extends string>(values: readonly V[]): Reader<readonly V[]> {
  const one = oneOf(values);
  const form = `a comma-separated list of ${values.map((value) => `\`${value}\``).join(', ')}`;
  return {
    form,
    parse: (value) => splitList(value).map((member) => one.parse(member)),
  };
}

/** A comma-separated list of words that match the pattern. */
export function listOfNames(pattern: RegExp): Reader<readonly string[]> {
  const form = 'a comma-separated list of names';
  return {
    form,
    parse: (value) => {
      const names = splitList(value);
      return names.every((name) => pattern.test(name)) ? names : fail(form);
    },
  };
}

function splitList(value: string): readonly string[] {
  return value
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '');
}

/**
 * An absolute http(s) URL without credentials, query or fragment, read without slashes at its end. Plain http is
 * allowed for a loopback host. With `internal`, it is allowed for every host: such a URL is for the network between our
 * servers.
 */
export function baseUrl({ internal = false } = {}): Reader<string> {
  const form = internal ? 'an http(s) URL' : 'an https URL (plain http on a loopback host only)';
  return {
    form,
    parse: (value) => {
      const url = URL.canParse(value) ? new URL(value) : fail(form);
      if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') fail(form);
      const plainAllowed = internal || isLoopbackHost(url.hostname);
      if (url.protocol !== 'https:' && !(url.protocol === 'http:' && plainAllowed)) fail(form);
      return url.href.replace(/(?<!\/)\/+$/, '');
    },
  };
}

/** SECRET, because it may contain a password: `postgres://user:password@host:port/name`, see `parseDatabaseUrl`. */
export const databaseUrl: Reader<string> = {
  form: 'a `postgres://` URL',
  secret: true,
  parse: (value) => {
    parseDatabaseUrl(value);
    return value;
  },
};
