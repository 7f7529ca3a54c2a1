import { dayOf, formatUsd, oneUsd, parseUsd } from '@aipassport/policy';
import { IntlMessageFormat } from 'intl-messageformat';
import { formatAmountText } from '../limits/format-amount-text.js';
import { isLanguage, type Language, type Locale, languageOf } from './language.js';

/** How one language writes money, numbers and times, in one region. */
export interface Formats {
  /** For sentences: `$1.50`, and `less than $0.01` for smaller amounts. */
  readonly money: (nanoUsd: bigint) => string;
  /**
   * For what is used or left of a limit. Rounded down. Otherwise a text could say that a limit is used up, or
   * untouched, when it is not. Beside a limit under one dollar, an amount under ten cents has two significant digits:
   * `$0.00041`.
   */
  readonly moneyOf: (nanoUsd: bigint, limit: bigint) => string;
  /** For the costs in tables. An amount under ten cents has two significant digits: `$0.0034`. */
  readonly tableMoney: (nanoUsd: bigint) => string;
  /**
   * For limits: exactly, and without cents if there are none: `$5`, `$2.50`. From a thousand dollars on, always with
   * cents: `$1,000.00`. Without them, `1.000` could also be one dollar with three decimals.
   */
  readonly shortMoney: (nanoUsd: bigint) => string;
  /** An amount in a field, with the region's decimal separator. A text that is not an amount stays as it is. */
  readonly typedAmount: (text: string) => string;
  readonly count: (count: number) => string;
  /** `A, B and C` */
  readonly list: (parts: readonly string[]) => string;
  /** Money or a count, exactly: `$2.00`, `$0.000001`. */
  readonly limit: (limit: number | bigint) => string;
  readonly time: (at: Date, timeZone: string) => string;
  /** Like `time`, but for yesterday, today and tomorrow with a word for the day: `today, 14:00`. */
  readonly nearTime: (at: Date, timeZone: string, now: Date) => string;
  /** How long ago an instant was, or when it will be: `5 minutes ago`. From seven days on, the same as `time`. */
  readonly relativeTime: (at: Date, timeZone: string, now: Date) => string;
  readonly date: (at: Date, timeZone: string) => string;
  /** Like `date`, but `today` or `tomorrow` for these two days. */
  readonly nearDay: (at: Date, timeZone: string, now: Date) => string;
  /** The month of a day that is written as `YYYY-MM-DD`: `November 2026`. */
  readonly month: (day: string) => string;
  /** A day that is written as `YYYY-MM-DD`, without its year: `5 November`. */
  readonly dayOfMonth: (day: string) => string;
  /** A number of seconds in the largest unit that needs no fraction: `7 days`. */
  readonly duration: (seconds: number) => string;
}

/** For readers whose region is not known. English dates have the day first and 24 hours, as in most countries. */
const usualDates: Readonly<Record<Language, string>> = { en: 'en-GB', de: 'de-DE' };

const oneCent = 10_000_000n;

interface FormatTexts {
  /** The text for an amount that is less than `{amount}`. */
  readonly lessThan: string;
  /** The text for a `{time}` on a `{day}`. The day is a word such as `today`. */
  readonly nearTime: string;
}

export function createFormats(numbers: Locale, { lessThan: underOneCent, nearTime }: FormatTexts): Formats {
  const language = languageOf(numbers);
  const dates = isLanguage(numbers) ? usualDates[numbers] : numbers;
  const exactMoney = (nanoUsd: bigint) => formatCurrency(numbers, formatAmountText(nanoUsd));
  const lessThan = new IntlMessageFormat(underOneCent, language);
  const cents = new Intl.NumberFormat(numbers, currency);
  const money = (nanoUsd: bigint) =>
    nanoUsd > 0n && nanoUsd < oneCent
      ? String(lessThan.format({ amount: exactMoney(oneCent) }))
      : cents.format(Number(nanoUsd) / 1e9);
  const tableMoney = (nanoUsd: bigint) => formatCurrency(numbers, formatUsd(nanoUsd).replaceAll(/[$,]/g, ''));
  const whole = new Intl.NumberFormat(numbers, { ...currency, maximumFractionDigits: 0 });
  const decimalSeparator = new Intl.NumberFormat(numbers).format(1.5).charAt(1);
  // Lists are parts of the texts, which are the same in all regions.
  const conjunction = new Intl.ListFormat(usualDates[language], { type: 'conjunction' });
  const count = (value: number) => new Intl.NumberFormat(numbers).format(value);
  const relativeDay = new Intl.RelativeTimeFormat(dates, { numeric: 'auto' });
  const nearText = new IntlMessageFormat(nearTime, language);
  const time = (at: Date, timeZone: string) =>
    new Intl.DateTimeFormat(dates, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(at);
  const date = (at: Date, timeZone: string) =>
    new Intl.DateTimeFormat(dates, { dateStyle: 'medium', timeZone }).format(at);
  return {
    money,
    moneyOf: (nanoUsd, limit) => {
      if (limit < oneUsd)
        return tableMoney(roundDown(nanoUsd, nanoUsd < 10n * oneCent ? secondDigitOf(nanoUsd) : oneCent));
      return money(nanoUsd < oneCent ? nanoUsd : roundDown(nanoUsd, oneCent));
    },
    tableMoney,
    shortMoney: (nanoUsd) =>
      nanoUsd % oneUsd === 0n && nanoUsd < 1_000n * oneUsd ? whole.format(nanoUsd / oneUsd) : exactMoney(nanoUsd),
    typedAmount: (text) => (parseUsd(text) === undefined ? text : text.replace('.', decimalSeparator)),
    count,
    list: (parts) => conjunction.format(parts),
    limit: (limit) => (typeof limit === 'bigint' ? exactMoney(limit) : count(limit)),
    time,
    nearTime: (at, timeZone, now) => {
      const days = countDays(at, timeZone, now);
      if (Math.abs(days) > 1) return time(at, timeZone);
      const clock = new Intl.DateTimeFormat(dates, { timeStyle: 'short', timeZone }).format(at);
      return String(nearText.format({ day: relativeDay.format(days, 'day'), time: clock }));
    },
    relativeTime: (at, timeZone, now) => formatDistance(dates, at, now) ?? time(at, timeZone),
    date,
    nearDay: (at, timeZone, now) => {
      const days = countDays(at, timeZone, now);
      return days === 0 || days === 1 ? relativeDay.format(days, 'day') : date(at, timeZone);
    },
    month: (day) => formatDay(dates, day, { month: 'long', year: 'numeric' }),
    dayOfMonth: (day) => formatDay(dates, day, { day: 'numeric', month: 'long' }),
    duration: (seconds) => formatDuration(numbers, seconds),
  };
}

const currency = { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol' } as const;

function roundDown(amount: bigint, step: bigint): bigint {
  return amount - (amount % step);
}

/** The value of an amount's second digit, or 1. */
function secondDigitOf(amount: bigint): bigint {
  return 10n ** BigInt(Math.max(0, amount.toString().length - 2));
}

/** @param amount a decimal number in US dollars, whose decimals are kept */
function formatCurrency(locale: string, amount: string): string {
  const decimals = amount.split('.')[1]?.length ?? 0;
  const format = new Intl.NumberFormat(locale, {
    ...currency,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return format.format(amount as `${number}`); // the text is a decimal number
}

function formatDay(locale: string, day: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`));
}

/** The number of calendar days from today to the day of an instant: 0 is today, 1 is tomorrow. */
function countDays(at: Date, timeZone: string, now: Date): number {
  return Math.round((Date.parse(dayOf(at, timeZone)) - Date.parse(dayOf(now, timeZone))) / 86_400_000);
}

const oneWeekSeconds = 7 * 86_400;

/** @returns undefined from seven days on */
function formatDistance(locale: string, at: Date, now: Date): string | undefined {
  const seconds = Math.trunc((at.getTime() - now.getTime()) / 1_000);
  if (Math.abs(seconds) >= oneWeekSeconds) return undefined;
  const [size, unit] = units.find(([one]) => Math.abs(seconds) >= one && one > 1) ?? [1, 'second'];
  if (size === 1) return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(0, 'second');
  return new Intl.RelativeTimeFormat(locale).format(Math.trunc(seconds / size), unit);
}

const units = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const;

function formatDuration(locale: string, seconds: number): string {
  const [size, unit] = units.find(([one]) => seconds % one === 0) ?? [1, 'second'];
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(seconds / size);
}
