/** A setting that is in force. Its name is the name of its environment variable. */
export interface SettingInForce {
  readonly name: string;
  /** Undefined: it is not set. Never a secret: for a secret, `hiddenValue`. */
  readonly value: string | undefined;
}

/** The text that is shown in place of a secret, and of the name of a file of keys. */
export const hiddenValue = '••••••';

/** How an optional value is shown. */
export function showIfSet<Value>(value: Value | undefined, format: (value: Value) => string): string | undefined {
  return value === undefined ? undefined : format(value);
}

/** How a list is shown; undefined for an empty one. */
export function showList(values: readonly string[]): string | undefined {
  return values.length === 0 ? undefined : values.join(', ');
}

/** How a secret is shown that may be absent. */
export function hideIfSet(secret: unknown): string | undefined {
  return secret === undefined ? undefined : hiddenValue;
}
