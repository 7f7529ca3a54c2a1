/** Something in a configuration that works, and is hardly what the operator meant. */
export interface ConfigurationWarning {
  /** Names, never values. */
  readonly variables: readonly string[];
  /** One sentence that names them too, and says what to do. */
  readonly text: string;
}

export type Variables = Readonly<Record<string, string | undefined>>;
