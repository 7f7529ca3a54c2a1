import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { ProofProblem } from './proof-problem.js';

type Members = Readonly<Record<string, unknown>>;

/** A DPoP proof whose parts can be read. Nothing in it is verified. */
export interface Proof {
  /** The compact JWS. */
  readonly text: string;
  readonly header: Members;
  readonly claims: Members;
}

/** Enough for an RSA key of 4096 bits and its signature. */
const maxLength = 4_096;
const compactJws = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** @returns undefined when the text is not a compact JWS of two JSON objects */
export function parseProof(text: string): Proof | undefined {
  if (text.length > maxLength || !compactJws.test(text)) return undefined;
  try {
    return { text, header: { ...decodeProtectedHeader(text) }, claims: decodeJwt(text) };
  } catch {
    return undefined;
  }
}

/**
 * Finds the one proof among the headers of a request (RFC 9449 section 4.3, check 1).
 * @param rawHeaders names and values as received, because Node.js joins repeated headers
 */
export function findProof(rawHeaders: readonly string[]): Proof | ProofProblem {
  const texts = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'dpop');
  const [text] = texts;
  if (text === undefined) return 'proof_missing';
  if (texts.length > 1) return 'proof_repeated';
  return parseProof(text) ?? 'proof_malformed';
}
