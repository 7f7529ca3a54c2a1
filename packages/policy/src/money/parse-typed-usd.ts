import { type NanoUsd, parseUsd } from './nano-usd.js';

/** The currency may stand before or after the amount. */
const currency = String.raw`(?:us\$|\$|usd)`;
// oxlint-disable-next-line regexp/no-super-linear-backtracking -- at most `maxCharacters` characters are matched, so backtracking is bounded
const typed = new RegExp(String.raw`^(?:${currency}\s*)?([\d.,'’\s]+?)(?:\s*${currency})?$`, 'i');
/** More than any allowed amount has. Without this limit, the regular expressions could take minutes on a long text. */
const maxCharacters = 40;

/**
 * Reads an amount of US dollars as people type it: `2.50`, `0,20`, `.5`, `$10`, `10 $`, `1.000,00`, `1’000`,
 * `1,00,000.00`.
 * @returns undefined for any other text, and for `1,500`, which is one and a half dollars in one country and more than
 * a thousand in another. `1.500` is always one and a half dollars
 */
export function parseTypedUsd(text: string): NanoUsd | undefined {
  const trimmed = text.trim();
  if (trimmed.length > maxCharacters) return undefined;
  const [, number] = typed.exec(trimmed) ?? [];
  const plain = number === undefined ? undefined : unifySeparators(number);
  return plain === undefined ? undefined : parseUsd(plain);
}

/** Thousands with apostrophes as in Switzerland, or with spaces. */
const spaced = /^\d{1,3}(?<separator>['’\s])\d{3}(?:\k<separator>\d{3})*$/;

/**
 * Groups of three digits, or in India of two and then three, and decimals after another separator. Three decimals could
 * be one more group.
 */
const grouped =
  /^(?<before>\d{1,3}(?<separator>[.,'’\s])(?:(?:\d{3}\k<separator>)*|(?:\d{2}\k<separator>)*)\d{3})(?!\k<separator>)[.,](?<decimals>\d{1,2}|\d{4,9})$/;

/**
 * @returns the number with a point before its decimals and no other separator; undefined if it is ambiguous or not a
 * number
 */
function unifySeparators(number: string): string | undefined {
  if (/^\d+$/.test(number)) return number;
  if (spaced.test(number)) return number.replaceAll(/\D/g, '');
  const { before, decimals: after } = grouped.exec(number)?.groups ?? {};
  if (before !== undefined) return `${before.replaceAll(/\D/g, '')}.${after}`;
  const [, whole = '', separator, decimals] = /^(\d*)([.,])(\d+)$/.exec(number) ?? [];
  if (decimals === undefined) return undefined;
  const isAmbiguous = separator === ',' && decimals.length === 3 && whole.length <= 3 && !whole.startsWith('0');
  return isAmbiguous ? undefined : `${whole === '' ? '0' : whole}.${decimals}`;
}
