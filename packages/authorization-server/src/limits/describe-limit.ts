import { type LimitKind, type Limits, limitTable } from '@aipassport/policy';
import type { Problem } from '../pages/parts.js';
import { exactly, message } from '../texts/texts.js';
import { limitWords } from './limit-words.js';

/** Says which values are accepted for a limit. Used when the given value is not one of them. */
export function describeMalformedLimit(kind: LimitKind): Problem {
  const { unit, max } = limitTable[kind];
  const text = unit === 'usd' ? message('limits.enterAmount') : message('limits.enterCount', { max: exactly(max) });
  return problemOf(kind, text);
}

/** Says that a limit is above what the client asks for. An owner may lower the limits of a request, not raise them. */
export function describeLimitAboveAsked(kind: LimitKind, asked: Limits): Problem {
  const most = asked[kind];
  if (most === undefined) return describeMalformedLimit(kind);
  return problemOf(kind, message('limits.enterLess', { limit: exactly(most) }));
}

/** Says that a limit is below what the client has used already. */
export function describeLimitBelowUse(kind: LimitKind, used: number | bigint): Problem {
  return problemOf(kind, message('limits.enterMore', { used: exactly(used) }));
}

function problemOf(kind: LimitKind, text: Problem['message']): Problem {
  return { field: limitTable[kind].member, message: text, label: limitWords[kind].label };
}
