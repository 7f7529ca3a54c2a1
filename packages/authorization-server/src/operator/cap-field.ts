import { parseUsd } from '@aipassport/policy';
import { formatAmountText } from '../limits/format-amount-text.js';
import { unifyAmount } from '../limits/limit-texts.js';
import type { Problem } from '../pages/parts.js';
import { type Form, fieldText } from '../read-form.js';
import { exactly, message } from '../texts/texts.js';

/** A cap as its field shows it. An empty text means no cap. */
export function formatCap(cap: bigint | undefined): string {
  return cap === undefined ? '' : formatAmountText(cap);
}

/** Writes the amounts in these fields with a decimal point and without a dollar sign, however they were typed. */
export function trimCaps(form: Form, fields: readonly string[]): Form {
  return { ...form, ...Object.fromEntries(fields.map((field) => [field, unifyAmount(fieldText(form, field).trim())])) };
}

/**
 * The cap in a field in which `findCapProblem` finds no problem; undefined when the field is empty. Zero is a cap too.
 */
export function readCap(form: Form, field: string): bigint | undefined {
  return parseUsd(fieldText(form, field));
}

/** @param bound the cap that the environment sets, if it sets one. A page accepts no higher cap */
export function findCapProblem(form: Form, field: string, bound: bigint | undefined): readonly Problem[] {
  const text = fieldText(form, field);
  const cap = parseUsd(text);
  if (text !== '' && cap === undefined) return [{ field, message: message('limits.enterAmount') }];
  if (bound === undefined || cap === undefined || cap <= bound) return [];
  return [{ field, message: message('operator.capAboveSetting', { bound: exactly(bound) }) }];
}
