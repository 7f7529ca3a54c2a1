import type { Variable } from './variable.js';

type Variables = Readonly<Record<string, Variable<unknown>>>;
type ValueOf<V> = V extends Variable<infer T> ? T : never;

/** The parsed values of a definition, under the same names. */
export type EnvironmentOf<D> =
  D extends EnvironmentDefinition<infer V> ? { readonly [K in keyof V]: ValueOf<V[K]> } : never;

export interface EnvironmentSource {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Reads a file that contains a secret. */
  readonly readFile: (path: string) => string;
}

export interface EnvironmentDefinition<V extends Variables> {
  readonly variables: V;
  /**
   * @throws ConfigurationError whose message names every variable that is missing or malformed, and contains no value
   */
  readonly read: (source: EnvironmentSource) => { readonly [K in keyof V]: ValueOf<V[K]> };
  /**
   * Reads one variable, for instance because its file may have changed.
   * @throws ConfigurationError as `read` does
   */
  readonly readOne: <K extends keyof V & string>(source: EnvironmentSource, name: K) => ValueOf<V[K]>;
}

/** The operator has to change a setting. The message names the setting and contains no value. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/**
 * Declares the environment variables of one program. The program's configuration and the documentation of its settings
 * come from this declaration only.
 */
export function defineEnvironment<const V extends Variables>(variables: V): EnvironmentDefinition<V> {
  return {
    variables,
    read: (source) => readAll(variables, source) as { readonly [K in keyof V]: ValueOf<V[K]> },
    readOne: (source, name) => readAll({ [name]: variables[name] as Variable<unknown> }, source)[name] as never,
  };
}

function readAll(variables: Variables, source: EnvironmentSource): Readonly<Record<string, unknown>> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries(variables)) {
    try {
      values[name] = readVariable(name, variable, source);
    } catch (error) {
      problems.push(`${name}: ${error instanceof Error ? error.message : 'unreadable'}`);
    }
  }
  if (problems.length > 0) throw new ConfigurationError(`configuration: ${problems.join('; ')}`);
  return values;
}

function readVariable(name: string, variable: Variable<unknown>, { variables, readFile }: EnvironmentSource): unknown {
  const given = variables[name];
  const file = variable.secret ? variables[`${name}_FILE`] : undefined;
  if (given && file) throw new Error(`give either ${name} or ${name}_FILE, not both`);
  const text = given || (file ? readFile(file).trim() : undefined) || variable.defaultText;
  if (text !== undefined) return variable.parse(text);
  if (!variable.required) return undefined;
  throw new Error(`is missing; it must be ${variable.form}${variable.secret ? `, or ${name}_FILE its file` : ''}`);
}
