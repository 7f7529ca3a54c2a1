import { readdirSync, readFileSync } from 'node:fs';
import { createUpstreamCatalogue, parseGrantedScope, parseTypedUsd } from '@aipassport/policy';
import { describe, expect, it } from '@jest/globals';
import { IntlMessageFormat } from 'intl-messageformat';
import { describePermission } from '../src/describe-permission.js';
import { formatAmountText } from '../src/limits/format-amount-text.js';
import { de } from '../src/texts/de.js';
import { en } from '../src/texts/en.js';
import { findLanguage, findLocale, languages, locales, readAcceptLanguage } from '../src/texts/language.js';
import { type MessageId, textsIn } from '../src/texts/texts.js';

const catalogues = { en, de };
const ids = Object.keys(en) as readonly MessageId[]; // a constant object has no other keys

/** The source of this package, whose compiled tests run in `dist/test`. */
const source = new URL('../../src/', import.meta.url);
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => ({ name, text: readFileSync(new URL(name, source), 'utf8') }));

/** The arguments and tags of a message, and the kind of each. */
function listArguments(message: string): readonly string[] {
  const found = new Set<string>();
  const visit = (elements: ReturnType<IntlMessageFormat['getAst']>) => {
    for (const element of elements) {
      if ('value' in element && element.type !== 0) found.add(`${element.type} ${element.value}`);
      if ('options' in element) for (const option of Object.values(element.options)) visit(option.value);
      if ('children' in element) visit(element.children);
    }
  };
  visit(new IntlMessageFormat(message, 'en').getAst());
  return [...found].sort();
}

describe.each(languages)('the catalogue of %s', (language) => {
  it('has every text, with the arguments and tags of the English one', () => {
    expect(Object.keys(catalogues[language]).sort()).toEqual([...ids].sort());
    for (const id of ids)
      expect([id, ...listArguments(catalogues[language][id])]).toEqual([id, ...listArguments(en[id])]);
  });

  it('has no straight quotation mark or apostrophe, and no space at its beginning or end', () => {
    for (const text of Object.values(catalogues[language])) {
      expect(text).not.toMatch(/["']|\.\.\.|^\s|\s$/);
      expect(text.trim()).not.toBe('');
    }
  });
});

/** Words and formats that both languages have. */
const sameInBoth = [
  ['{duration}', '{label}: {problem}', '{day}, {time}', '{label}: {before} → {after}', '{label}: {after}'],
  ['{model} ({provider})', '{count, number} MB', 'Website: {host}', 'Website', 'Website (optional)', 'Tokens'],
  ['App', 'Apps', 'Code', 'Export', 'Format', 'Limits', 'Name', 'Name (optional)', 'Passkeys', 'Playground', 'Status'],
].flat();

it('each German text differs from the English one, except for words that both languages have', () => {
  expect([...new Set(ids.filter((id) => de[id] === en[id]).map((id) => en[id]))].sort()).toEqual(sameInBoth.toSorted());
});

it.each(languages)(
  'no sentence in %s begins with an amount, because a small amount reads “less than …”, with a small letter',
  (language) => {
    const amount = /^(?:<\w+>)?\{(?:amount|cost|left|spent|used|before|cap|reserved)\}[^]*\.(?:\s|$)/;
    expect(ids.filter((id) => amount.test(catalogues[language][id]))).toEqual([]);
  },
);

it('the code uses every text', () => {
  const code = files
    .filter(({ name }) => !/^texts\/(en|de)\//.test(name))
    .map(({ text }) => text)
    .join('\n');
  expect(ids.filter((id) => !code.includes(`'${id}'`) && !code.includes(`"${id}"`))).toEqual([]);
});

it('the code of pages contains no words for people, neither between tags nor in attributes', () => {
  const found = files
    .filter(({ name }) => name.endsWith('.tsx'))
    .flatMap(({ name, text }) => {
      const markup = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/ .*/g, '');
      const between = [...markup.matchAll(/>([^<>{}=;()]*\p{L}{2,}[^<>{}=;()]*)[<{]/gu)];
      const attributes = [...markup.matchAll(/\b(?:aria-label|title|alt|placeholder|label|legend)="([^"]+)"/g)];
      return [...between, ...attributes].map(([, words = '']) => `${name}: ${words.trim()}`);
    });
  // The names of the product, of a command and of a time zone, and the pattern of a code are the same in every
  // language.
  expect(found.sort()).toEqual([
    'pages/device-page.tsx: XXXX-XXXX',
    'pages/layout.tsx: AIPassport',
    'pages/operator-audit-page.tsx: aipassport audit verify',
    'pages/settings-page.tsx: UTC',
  ]);
});

it('describes every scope token in words', () => {
  const upstreams = createUpstreamCatalogue();
  const describeIn = (language: (typeof languages)[number], token: string) => {
    const [parsed] = parseGrantedScope(token);
    return parsed && textsIn(language).say(describePermission(parsed, upstreams).title);
  };
  expect(describeIn('en', 'model:openai/gone')).toBe('gone (OpenAI)');
  expect(describeIn('en', 'model:nobody/gone')).toBe('gone (nobody)');
  expect(describeIn('en', 'model:gone')).toBe('gone (no longer available)');
  expect(describeIn('en', 'model:openai/*')).toBe('All OpenAI models');
  expect(describeIn('de', 'model:openai/*')).toBe('Alle Modelle von OpenAI');
  expect(describeIn('de', 'cap:code')).toBe('Code auf Rechnern des KI-Anbieters ausführen');
});

it('an amount beside its limit is rounded down, is shown as zero only if it is zero, and has two digits beside a small limit', () => {
  const { moneyOf } = textsIn('en');
  const [dollar, cent] = [1_000_000_000n, 10_000_000n];
  expect([moneyOf(999_999_999n, dollar), moneyOf(cent - 1n, dollar), moneyOf(0n, dollar)]).toEqual([
    '$0.99',
    'less than $0.01',
    '$0.00',
  ]);
  const ofTenthOfCent = (amount: bigint) => moneyOf(amount, cent / 10n);
  expect([999_999n, 1_000_000n, 419_999n, 1n, 0n].map(ofTenthOfCent)).toEqual([
    '$0.00099',
    '$0.001',
    '$0.00041',
    '$0.000000001',
    '$0.00',
  ]);
  expect([moneyOf(cent * 50n - 1n, cent * 50n), moneyOf(cent * 3n, cent * 5n)]).toEqual(['$0.49', '$0.03']);
  expect(textsIn('de').moneyOf(419_999n, cent)).toBe('0,00041\u{a0}$');
});

it('writes money, counts, times and durations in the usual form of the language', () => {
  const [english, german] = [textsIn('en'), textsIn('de')];
  const nbsp = '\u{a0}';
  expect([0n, 1n, 9_999_999n, 10_000_000n, 199_900_000n, 1_234_560_000_000n].map(english.money)).toEqual([
    '$0.00',
    'less than $0.01',
    'less than $0.01',
    '$0.01',
    '$0.20',
    '$1,234.56',
  ]);
  expect([english.tableMoney(3_400_000n), english.limit(1_000_000n), english.limit(12_345)]).toEqual([
    '$0.0034',
    '$0.001',
    '12,345',
  ]);
  expect([german.money(1n), german.money(1_234_560_000_000n), german.tableMoney(3_400_000n)]).toEqual([
    `weniger als 0,01${nbsp}$`,
    `1.234,56${nbsp}$`,
    `0,0034${nbsp}$`,
  ]);
  expect([german.count(12_345), german.duration(604_800), german.duration(3_600)]).toEqual([
    '12.345',
    '7 Tage',
    '1 Stunde',
  ]);
  const at = new Date('2026-11-29T03:43:00Z');
  expect(english.time(at, 'Europe/Berlin')).toBe('29 Nov 2026, 04:43');
  expect(german.time(at, 'Europe/Berlin')).toBe('29.11.2026, 04:43');
});

it.each([
  ['en', '29 Nov 2026, 15:43', '1,234,567', '$123,456.50'],
  ['en-US', 'Nov 29, 2026, 3:43 PM', '1,234,567', '$123,456.50'],
  ['en-GB', '29 Nov 2026, 15:43', '1,234,567', '$123,456.50'],
  ['en-IN', '29 Nov 2026, 3:43 pm', '12,34,567', '$1,23,456.50'],
  ['en-ZA', '29 Nov 2026, 15:43', '1 234 567', '$123 456,50'],
  ['de', '29.11.2026, 15:43', '1.234.567', '123.456,50 $'],
  ['de-AT', '29.11.2026, 15:43', '1 234 567', '$ 123.456,50'],
  ['de-CH', '29.11.2026, 15:43', "1'234'567", "$ 123'456.50"],
] as const)('writes times, counts and money as in %s, on their own and within texts', (locale, time, count, money) => {
  const texts = textsIn(locale);
  // Versions of the Unicode data differ in the kind of spaces and apostrophes.
  const plain = (text: string) => text.replaceAll(/\s/g, ' ').replaceAll('’', "'");
  expect(plain(texts.time(new Date('2026-11-29T15:43:00Z'), 'UTC'))).toBe(time);
  expect([plain(texts.count(1_234_567)), plain(texts.money(123_456_500_000_000n))]).toEqual([count, money]);
  expect(plain(texts('connected.moreModels', { count: 1_234_567 }))).toContain(`${count} `);
  expect(plain(texts('signIn.passwordLong', { max: 1_234_567 }))).toContain(`${count} `);
});

const shownAmounts = [1n, 1_000n, 3_400_000n, 5_000_000n, 12_500_000n, 125_000_000n, 1_125_000_000n, 12_345_000_000n]
  .concat([10_000_000n, 200_000_000n, 1_500_000_000n, 5_000_000_000n, 1_124_312_345n])
  .concat([1_234_560_000_000n, 1_234_567_000_000n, 1_234_000_000_000n, 999_999_999_000_000n, 1_000_000_000_000_000n]);
it.each(locales.flatMap((locale) => shownAmounts.map((amount) => [locale, amount] as const)))(
  'the limit that a page shows in %s for %d billionths of a dollar can be typed into a field, and means the same',
  (locale, amount) => {
    const texts = textsIn(locale);
    const field = texts.typedAmount(formatAmountText(amount));
    for (const text of [texts.limit(amount), texts.shortMoney(amount), field])
      expect([text, parseTypedUsd(text)]).toEqual([text, amount]);
  },
);

it.each(locales)('an amount of money that a page shows in %s is accepted in a field', (locale) => {
  const texts = textsIn(locale);
  const cents = (amount: bigint) => (amount + 5_000_000n) / 10_000_000n;
  for (const amount of shownAmounts) {
    expect([amount, parseTypedUsd(texts.tableMoney(amount))]).toEqual([amount, expect.any(BigInt)]);
    if (amount >= 10_000_000n)
      expect([amount, cents(parseTypedUsd(texts.money(amount)) ?? 0n)]).toEqual([amount, cents(amount)]);
  }
});

it('a month is a word in English, so that it is not mistaken for the day', () => {
  for (const locale of locales.filter((one) => one.startsWith('en')))
    expect(textsIn(locale).date(new Date('2026-11-05T12:00:00Z'), 'UTC')).toMatch(/^(0?5 Nov|Nov 5,) 2026$/);
});

it('the formats are those of the preferred tag’s region, if the pages have them', () => {
  const read = (language: (typeof languages)[number], header: string) =>
    findLocale(language, readAcceptLanguage(header));
  expect(read('en', 'en-US,en;q=0.9')).toBe('en-US');
  expect(read('de', 'de-at,de;q=0.9')).toBe('de-AT');
  expect(read('en', 'es-US,es;q=0.9')).toBe('en-US');
  expect(read('de', 'fr-CH,fr;q=0.9')).toBe('de-CH');
  // Many browsers add en-US to another language. The reader is not in the US.
  expect(read('en', 'sv-SE,sv;q=0.9,en-US;q=0.8,en;q=0.7')).toBe('en');
  expect(read('en', 'de,en-US;q=0.7,en;q=0.3')).toBe('en');
  expect([read('en', 'en-SE'), read('en', ''), read('de', '*'), read('de', 'de-XX-x')]).toEqual([
    'en',
    'en',
    'de',
    'de',
  ]);
});

it('finds the language that a person prefers', () => {
  const read = (header: string) => findLanguage(readAcceptLanguage(header));
  expect(read('de-AT,de;q=0.9,en;q=0.8')).toBe('de');
  expect(read('fr, en;q=0.4, de;q=0.6')).toBe('de');
  expect(read('de;q=0, en')).toBe('en');
  expect([read('fr'), read(''), read('*'), read(';;;,,q=')]).toEqual([undefined, undefined, undefined, undefined]);
});

it('writes yesterday, today and tomorrow as words, not as dates, in the owner’s time zone', () => {
  const now = new Date('2026-11-29T23:30:00Z');
  const near = (language: (typeof languages)[number], at: string, timeZone = 'UTC') =>
    textsIn(language).nearTime(new Date(at), timeZone, now);
  expect(near('en', '2026-11-29T14:00:00Z')).toBe('today, 14:00');
  expect(near('en', '2026-11-30T14:00:00Z')).toBe('tomorrow, 14:00');
  expect(near('en', '2026-11-28T14:00:00Z')).toBe('yesterday, 14:00');
  expect(near('en', '2026-12-01T14:00:00Z')).toBe('1 Dec 2026, 14:00');
  expect(near('en', '2026-11-30T14:00:00Z', 'Europe/Berlin')).toBe('today, 15:00');
  expect(near('de', '2026-11-30T14:00:00Z')).toBe('morgen, 14:00');
  expect(near('de', '2026-12-01T14:00:00Z')).toBe('01.12.2026, 14:00');
});

it('writes how long ago an instant of the last week was, and older instants as a time', () => {
  const now = new Date('2026-11-29T12:00:00Z');
  const relative = (at: string, language: (typeof languages)[number] = 'en') =>
    textsIn(language).relativeTime(new Date(at), 'UTC', now);
  expect(relative('2026-11-29T11:59:10Z')).toBe('now');
  expect(relative('2026-11-29T11:54:30Z')).toBe('5 minutes ago');
  expect(relative('2026-11-29T09:00:00Z')).toBe('3 hours ago');
  expect(relative('2026-11-28T11:00:00Z')).toBe('1 day ago');
  expect(relative('2026-11-22T12:00:01Z')).toBe('6 days ago');
  expect(relative('2026-11-22T12:00:00Z')).toBe('22 Nov 2026, 12:00');
  expect(relative('2026-12-01T12:00:00Z')).toBe('in 2 days');
  expect(relative('2026-11-29T11:54:30Z', 'de')).toBe('vor 5 Minuten');
});

it('writes the currency sign where the language puts it', () => {
  expect(textsIn('en').money(1_000_000_000n)).toBe('$1.00');
  expect(textsIn('de').money(1_000_000_000n)).toBe('1,00\u00a0$');
});
