import {
  buildLimits,
  type LimitKind,
  type Limits,
  limitKinds,
  limitTable,
  mapLimitKinds,
  parseTypedUsd,
  parseUsd,
} from '@aipassport/policy';
import { type Form, fieldText } from '../read-form.js';
import { formatAmountText } from './format-amount-text.js';
import { typedAmount } from './resolve-typed.js';

/** Limits as texts in a form's fields. An empty text means no limit. */
export type LimitTexts = Readonly<Record<LimitKind, string>>;

export function formatLimitTexts(limits: Limits): LimitTexts {
  return mapLimitKinds((kind) => {
    const limit = limits[kind];
    return typeof limit === 'bigint' ? formatAmountText(limit) : (limit?.toString() ?? '');
  });
}

export function readLimitTexts(form: Form): LimitTexts {
  return mapLimitKinds((kind) => fieldText(form, limitTable[kind].member));
}

/** Whether the owner has ticked that the app, or all apps together, may spend without a limit. */
export function acceptsNoLimit(form: Form): boolean {
  return fieldText(form, 'accept_no_limit') === 'yes';
}

/**
 * Removes spaces around each limit, and writes each amount of money with a point and without a dollar sign, however it
 * was typed. A text that is not an amount stays as it was typed.
 */
export function trimLimitTexts(form: Form): Form {
  const trimmed = limitKinds.flatMap((kind) => {
    const { member, unit } = limitTable[kind];
    const value = form[member];
    if (typeof value !== 'string') return [];
    return [[member, unit === 'usd' ? unifyAmount(value.trim()) : value.trim()] as const];
  });
  return { ...form, ...Object.fromEntries(trimmed), ...trimTypedAmount(form) };
}

/** Trims the text field of the consent page in which an owner types another amount than those of the buttons. */
function trimTypedAmount(form: Form): Form {
  const names = [typedAmount.text, `shown_${typedAmount.text}`].filter((name) => typeof form[name] === 'string');
  return Object.fromEntries(names.map((name) => [name, unifyAmount(fieldText(form, name).trim())]));
}

/** Writes an amount with a point and without a dollar sign. A text that is not an amount stays as it was typed. */
export function unifyAmount(typed: string): string {
  const amount = parseTypedUsd(typed);
  if (amount === undefined || parseUsd(typed) === amount) return typed;
  return formatAmountText(amount);
}

/**
 * @param texts of a form that matches its schema. An amount that is too large to be parsed becomes an amount above the
 * maximum, so that it is refused
 */
export function parseLimitTexts(texts: LimitTexts): Limits {
  return buildLimits({ count: (kind) => parseCount(texts[kind]), usd: (kind) => parseAmountText(texts[kind]) });
}

export function parseAmountText(text: string): bigint | undefined {
  return text === '' ? undefined : (parseUsd(text) ?? limitTable.maxCost.max + 1n);
}

function parseCount(text: string): number | undefined {
  return text === '' ? undefined : Number(text);
}
