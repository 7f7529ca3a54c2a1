/** A setting that is valid, but probably not what the operator meant. */
export interface ConfigurationWarning {
  /** The names of the settings, without their values. */
  readonly variables: readonly string[];
  /** One sentence that names the settings and says what to do. */
  readonly text: string;
}

export type Variables = Readonly<Record<string, string | undefined>>;
