import type { Json } from '@aipassport/policy';
import { plainWord } from './plain-word.js';

const maxListed = 3;

/**
 * Describes a value in a refusal. A short value is given as it is, any other value by its type. A text that the
 * client sent is only repeated if it is a plain word.
 */
export function describeValue(value: Json | undefined): string {
  return describeShort(value) ?? (typeof value === 'string' ? 'a text' : Array.isArray(value) ? 'a list' : 'an object');
}

function describeShort(value: Json | undefined): string | undefined {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return plainWord(value) === undefined ? undefined : JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  if (entries.length > maxListed) return undefined;
  const described = entries.map(([name, item]) => {
    const text = isScalar(item) ? describeShort(item) : undefined;
    if (text === undefined || plainWord(name) === undefined) return undefined;
    return isList ? text : `${JSON.stringify(name)}:${text}`;
  });
  if (described.includes(undefined)) return undefined;
  return isList ? `[${described.join(',')}]` : `{${described.join(',')}}`;
}

function isScalar(value: Json): boolean {
  return typeof value !== 'object' || value === null;
}
