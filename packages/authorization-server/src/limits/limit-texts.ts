import { formatDecimalUsd, type LimitKind, type Limits, limitMaxima, parseUsd } from '@aipassport/policy';
import { type Form, fieldText } from '../read-form.js';
import { limitFields, shownLimits } from './limit-fields.js';

/** Limits as texts in the fields of a form; an empty one is no limit. */
export type LimitTexts = Readonly<Record<LimitKind, string>>;

/** One text a limit. */
export function mapLimits(textOf: (kind: LimitKind) => string): LimitTexts {
  return {
    maxCost: textOf('maxCost'),
    maxRequests: textOf('maxRequests'),
    maxCostPerMonth: textOf('maxCostPerMonth'),
    maxCostPerDay: textOf('maxCostPerDay'),
    maxRequestsPerMinute: textOf('maxRequestsPerMinute'),
    maxTokensPerMinute: textOf('maxTokensPerMinute'),
    maxStreams: textOf('maxStreams'),
  };
}

export function formatLimitTexts(limits: Limits): LimitTexts {
  return mapLimits((kind) => {
    const limit = limits[kind];
    return typeof limit === 'bigint' ? formatAmountText(limit) : (limit?.toString() ?? '');
  });
}

export function readLimitTexts(form: Form): LimitTexts {
  return mapLimits((kind) => fieldText(form, limitFields[kind].name));
}

/** With cents, as money is written, and exact: `1.50`, `0.0025`, `20.00`. */
export function formatAmountText(amount: bigint): string {
  const [dollars = '', decimals = ''] = formatDecimalUsd(amount).split('.');
  return `${dollars}.${decimals.padEnd(2, '0')}`;
}

/** Takes spaces around a limit away, and the dollar sign that some people write. */
export function trimLimitTexts(form: Form): Form {
  const trimmed = shownLimits.flatMap((kind) => {
    const { name, unit } = limitFields[kind];
    const value = form[name];
    if (typeof value !== 'string') return [];
    return [[name, unit === 'usd' ? value.trim().replace(/^\$\s*/, '') : value.trim()] as const];
  });
  return { ...form, ...Object.fromEntries(trimmed) };
}

/** @param texts of a form that has the shape of its schema; what is too large to be written down is out of bounds */
export function parseLimitTexts(texts: LimitTexts): Limits {
  return {
    maxCost: parseAmountText(texts.maxCost),
    maxRequests: parseCount(texts.maxRequests),
    maxCostPerMonth: parseAmountText(texts.maxCostPerMonth),
    maxCostPerDay: parseAmountText(texts.maxCostPerDay),
    maxRequestsPerMinute: parseCount(texts.maxRequestsPerMinute),
    maxTokensPerMinute: parseCount(texts.maxTokensPerMinute),
    maxStreams: parseCount(texts.maxStreams),
  };
}

export function parseAmountText(text: string): bigint | undefined {
  return text === '' ? undefined : (parseUsd(text) ?? limitMaxima.maxCost + 1n);
}

function parseCount(text: string): number | undefined {
  return text === '' ? undefined : Number(text);
}
