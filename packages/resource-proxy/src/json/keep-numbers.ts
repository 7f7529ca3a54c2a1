/** A number that keeps its source text when it is written: `1.0`, `9007199254740993`. */
interface RawNumber {
  readonly rawJSON: string;
}

/** ECMAScript's functions that read and write the source text of numbers. TypeScript does not declare them yet. */
interface JsonWithSource {
  readonly parse: (
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ) => unknown;
  readonly rawJSON: (text: string) => RawNumber;
  readonly isRawJSON: (value: unknown) => value is RawNumber;
}
const json = JSON as unknown as JsonWithSource;

/**
 * Parses a text so that the numbers that JavaScript would write differently keep their source text. A model reads `1`
 * and `1.0` as different tokens, and a double cannot represent every 64-bit integer.
 */
export function parseNumbers(text: string): unknown {
  return json.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? json.rawJSON(source) : value,
  );
}

/**
 * Writes a body as `JSON.stringify` does, with the numbers as the client wrote them. A number that was changed or moved
 * since is written as JavaScript writes it.
 *
 * @param numbers the result of `parseNumbers` for the client's text
 */
export function writeWithNumbers(body: Readonly<Record<string, unknown>>, numbers: unknown): string {
  return JSON.stringify(numbers === undefined ? body : putIn(body, numbers));
}

function putIn(value: unknown, source: unknown): unknown {
  if (typeof value === 'number') return json.isRawJSON(source) && Number(source.rawJSON) === value ? source : value;
  if (typeof value !== 'object' || value === null || typeof source !== 'object' || source === null) return value;
  if (Array.isArray(value))
    return Array.isArray(source) ? value.map((item: unknown, index) => putIn(item, source[index])) : value;
  const members = Object.entries(value).map(
    ([name, member]) => [name, putIn(member, readMember(source, name))] as const,
  );
  return Object.fromEntries(members);
}

function readMember(holder: object, name: string): unknown {
  return Object.hasOwn(holder, name) ? Reflect.get(holder, name) : undefined;
}
