import { findConfidential } from '../upstreams/scrub-text.js';

const wordPattern = /^[A-Za-z0-9_.=-]{1,64}$/;

/** @returns a client's word if it may be repeated and logged; undefined if it could be a text or a secret */
export function plainWord(text: string): string | undefined {
  return wordPattern.test(text) && findConfidential(text, 'all').length === 0 ? text : undefined;
}
