import { findConfidential } from '../upstreams/scrub-text.js';

const wordPattern = /^[A-Za-z0-9_.=-]{1,64}$/;

/**
 * @returns the client's text if it is a single word, which may be logged and repeated in an answer; undefined if it is
 * longer content or may be a secret
 */
export function plainWord(text: string): string | undefined {
  return wordPattern.test(text) && findConfidential(text, 'all').length === 0 ? text : undefined;
}
