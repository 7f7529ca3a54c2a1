/** A setting that is valid, but probably not what the operator meant. */
export interface ConfigurationWarning {
  /** Names, never values. */
  readonly variables: readonly string[];
  /** One sentence that names the settings and says what to do. */
  readonly text: string;
}

export type Variables = Readonly<Record<string, string | undefined>>;
