import { timingSafeEqual } from 'node:crypto';

/** Compares two texts. The time that it takes shows whether their lengths are the same, but not where they differ. */
export function isEqual(a: string, b: string): boolean {
  // Texts with the same number of characters may have different numbers of bytes, and then `timingSafeEqual` throws.
  const [bytesOfA, bytesOfB] = [Buffer.from(a), Buffer.from(b)];
  return bytesOfA.length === bytesOfB.length && timingSafeEqual(bytesOfA, bytesOfB);
}
