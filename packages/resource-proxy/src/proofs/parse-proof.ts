import { decodeJwt, decodeProtectedHeader } from 'jose';

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
