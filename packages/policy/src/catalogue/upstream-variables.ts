import {
  baseUrl,
  defineEnvironment,
  type EnvironmentSource,
  optional,
  secret,
  type Variable,
  withDefault,
} from '@aipassport/contracts';
import { type BuiltInUpstream, builtInUpstreams, type Upstream, type UpstreamEntry } from './upstreams.js';

type Named<Suffix extends string, T> = Readonly<Record<`${Uppercase<BuiltInUpstream>}_${Suffix}`, Variable<T>>>;

/** The environment variables of upstreams: `<NAME>_API_KEY` and `<NAME>_BASE_URL`. */
export const upstreamVariables = {
  /**
   * The variables for the URLs of the built-in upstreams. The URLs of the upstreams that the operator adds are in the
   * operator's file.
   */
  urls: Object.fromEntries(
    builtInUpstreams.map(({ name, label, baseUrl: otherwise }) => [
      baseUrlName(name),
      withDefault(baseUrl(), otherwise, {
        description: `The base URL of ${label}’s API. API keys for ${label} are sent only there. Set the same value at both servers.`,
      }),
    ]),
  ) as Named<'BASE_URL', string>, // one for each upstream
  /** The operator's provider keys. */
  keys: describeKeys(builtInUpstreams) as Named<'API_KEY', string | undefined>, // one for each upstream
  describeKeys,
  keyName,
  baseUrlName,
};

function describeKeys(entries: readonly UpstreamEntry[]): Readonly<Record<string, Variable<string | undefined>>> {
  return Object.fromEntries(
    entries.map(({ name, label }) => [
      keyName(name),
      optional(secret, {
        description: `The operator’s API key for ${label}, for accounts that have none of their own. Its file is read again when it changes.`,
      }),
    ]),
  );
}

function keyName(upstream: Upstream): string {
  return `${upstream.toUpperCase()}_API_KEY`;
}

function baseUrlName(upstream: Upstream): string {
  return `${upstream.toUpperCase()}_BASE_URL`;
}

/**
 * The URL of each upstream: from the environment, otherwise from its entry. The variables are only for the built-in
 * upstreams. If the operator's file replaces the entry of one of them, the URL in that entry is used.
 */
export function readUpstreamUrls(
  values: Readonly<Partial<Record<string, unknown>>>,
  entries: readonly UpstreamEntry[],
): readonly { readonly name: Upstream; readonly baseUrl: string }[] {
  const builtIn: readonly UpstreamEntry[] = builtInUpstreams;
  return entries.map((entry) => {
    const { name, baseUrl: otherwise } = entry;
    const value = builtIn.includes(entry) ? values[baseUrlName(name)] : undefined;
    return { name, baseUrl: typeof value === 'string' ? value : otherwise };
  });
}

/** The operator's provider keys from the environment. SECRET. */
export function readUpstreamKeys(
  source: EnvironmentSource,
  entries: readonly UpstreamEntry[],
): readonly { readonly name: Upstream; readonly key: string; readonly source: 'environment' | 'file' }[] {
  const values = defineEnvironment(describeKeys(entries)).read(source);
  return entries.flatMap(({ name }) => {
    const key = values[keyName(name)];
    const isInFile = Boolean(source.variables[`${keyName(name)}_FILE`]);
    return key === undefined ? [] : [{ name, key, source: isInFile ? 'file' : 'environment' }];
  });
}
