import {
  buildLimits,
  formatDecimalUsd,
  type LimitKind,
  type Limits,
  limitKinds,
  limitTable,
  mapLimitKinds,
  parseUsd,
} from '@aipassport/policy';
import { type Form, fieldText } from '../read-form.js';

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

/** An exact amount with at least two decimals, as money is usually written: `1.50`, `0.0025`, `20.00`. */
export function formatAmountText(amount: bigint): string {
  const [dollars = '', decimals = ''] = formatDecimalUsd(amount).split('.');
  return `${dollars}.${decimals.padEnd(2, '0')}`;
}

/** Removes spaces around each limit, and the dollar sign that some people write. */
export function trimLimitTexts(form: Form): Form {
  const trimmed = limitKinds.flatMap((kind) => {
    const { member, unit } = limitTable[kind];
    const value = form[member];
    if (typeof value !== 'string') return [];
    return [[member, unit === 'usd' ? value.trim().replace(/^\$\s*/, '') : value.trim()] as const];
  });
  return { ...form, ...Object.fromEntries(trimmed) };
}

/**
 * @param texts of a form that matches its schema. An amount that is too large to be parsed becomes an amount above the
 * maximum
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
