/** A setting that is in force. Its name is the name of its environment variable. */
export interface SettingInForce {
  readonly name: string;
  /** Undefined: it is not set. Never a secret: for a secret, `hiddenValue`. */
  readonly value: string | undefined;
}

/** The text that is shown in place of a secret, and of the name of a file of keys. */
export const hiddenValue = '••••••';
