import { type LimitKind, limitKinds, limitTable, mapLimitKinds } from '@aipassport/policy';
import type { Grant } from '@aipassport/store/authorization';
import { type ChangedLimit, listChangedLimits } from '../interaction/compare-terms.js';
import { formatLimitTexts, parseLimitTexts } from '../limits/limit-texts.js';
import { limitWords } from '../limits/limit-words.js';
import type { Problem } from '../pages/problem.js';
import { type Form, fieldText } from '../read-form.js';
import { exactly, instant, type Message, message } from '../texts/texts.js';

type Terms = Pick<Grant, 'limits' | 'expiresAt'>;

const nameOf = (kind: LimitKind) => `shown_${limitTable[kind].member}`;
const endName = 'shown_end';

/**
 * Hidden fields with the limits and the end that a page shows. They only serve to name what has changed. The hash in
 * the field of `Shown` decides whether anything has changed.
 */
export function listShownTerms({ limits, expiresAt }: Terms): readonly (readonly [name: string, value: string])[] {
  const texts = formatLimitTexts(limits);
  const shownLimits = limitKinds.map((kind) => [nameOf(kind), texts[kind]] as const);
  return [...shownLimits, [endName, String(expiresAt.getTime())]];
}

/**
 * Names the limits that are different now from those on the page that sent the form, and the end if it is different.
 * @returns nothing for a page of the previous release, which has no such fields
 */
export function describeChangedTerms(form: Form, current: Terms, timeZone: string): readonly Problem[] {
  const shownEnd = fieldText(form, endName);
  if (!/^\d{1,15}$/.test(shownEnd)) return [];
  const limits = parseLimitTexts(mapLimitKinds((kind) => fieldText(form, nameOf(kind))));
  const isSameEnd = Number(shownEnd) === current.expiresAt.getTime();
  const end = {
    now: instant(current.expiresAt, timeZone),
    before: instant(new Date(Number(shownEnd)), timeZone),
  };
  return [
    ...listChangedLimits(limits, current.limits).map(describeChangedLimit),
    ...(isSameEnd
      ? []
      : [{ field: 'lifetime', label: 'limits.accessEnds', message: message('limits.changedTo', end) } as const]),
  ];
}

function describeChangedLimit({ kind, before, after }: ChangedLimit): Problem {
  return { field: limitTable[kind].member, label: limitWords[kind].label, message: describeValues(before, after) };
}

function describeValues(before: ChangedLimit['before'], now: ChangedLimit['after']): Message {
  if (before !== undefined && now !== undefined)
    return message('limits.changedTo', { now: exactly(now), before: exactly(before) });
  if (now !== undefined) return message('limits.setTo', { now: exactly(now) });
  return message('limits.lifted', { before: exactly(before ?? 0) });
}
