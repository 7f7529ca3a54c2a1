/** Reads counts out of a vendor's usage object, strictly: one that is no count spoils the whole. */
export class Counts {
  #isSound = true;

  /** False once anything was missing, negative, no whole number, or more than what it is a part of. */
  get isSound(): boolean {
    return this.#isSound;
  }

  require(holder: unknown, name: string): number {
    return this.#count(member(holder, name));
  }

  /** An absent one, or null, is zero. */
  optional(holder: unknown, name: string): number {
    const value = member(holder, name);
    return value === undefined || value === null ? 0 : this.#count(value);
  }

  /** What is left of a whole when its parts are taken off. */
  rest(whole: number, ...parts: readonly number[]): number {
    const left = parts.reduce((rest, part) => rest - part, whole);
    if (left < 0) this.#isSound = false;
    return left;
  }

  /** Notes a contradiction between what was said. */
  expect(condition: boolean): void {
    if (!condition) this.#isSound = false;
  }

  #count(value: unknown): number {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    this.#isSound = false;
    return 0;
  }
}

export function member(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null && Object.hasOwn(holder, name)
    ? (holder as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
