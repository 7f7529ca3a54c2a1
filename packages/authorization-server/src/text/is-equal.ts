import { timingSafeEqual } from 'node:crypto';

/** Compares two texts in a time that tells nothing of where they differ. */
export function isEqual(a: string, b: string): boolean {
  // Texts of as many characters may be of more or fewer bytes, and `timingSafeEqual` throws then.
  const [bytesOfA, bytesOfB] = [Buffer.from(a), Buffer.from(b)];
  return bytesOfA.length === bytesOfB.length && timingSafeEqual(bytesOfA, bytesOfB);
}
