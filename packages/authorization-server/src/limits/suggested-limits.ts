import { integer, optional, type Variable } from '@aipassport/contracts';
import {
  buildLimits,
  type CountKind,
  isUsdKind,
  type LimitKind,
  type Limits,
  limitKinds,
  limitTable,
  oneUsd,
  type UsdKind,
  usdVariable,
} from '@aipassport/policy';

type NameOf<K extends LimitKind> = `DEFAULT_${Uppercase<(typeof limitTable)[K]['member']>}`;
type SuggestionVariables = { readonly [K in CountKind as NameOf<K>]: Variable<number | undefined> } & {
  readonly [K in UsdKind as NameOf<K>]: Variable<bigint | undefined>;
};

/** The environment variables for the limits that are filled in on the consent page when the client proposes none. */
export const suggestionVariables = Object.fromEntries(
  limitKinds.map((kind) => [nameOf(kind), variableOf(kind)]),
) as unknown as SuggestionVariables; // the return type of `fromEntries` does not contain the names

/** The name of the variable for this kind of limit. */
export function nameOf<K extends LimitKind>(kind: K): NameOf<K> {
  return `DEFAULT_${limitTable[kind].member.toUpperCase()}` as NameOf<K>; // `toUpperCase` returns the type `string`
}

function variableOf(kind: LimitKind): Variable<number | bigint | undefined> {
  const { member, max } = limitTable[kind];
  return optional<number | bigint>(isUsdKind(kind) ? usdVariable : integer(1, Number(max)), {
    description: `The ${member} that the consent page fills in if the client proposes none; the owner may change it.${kind === 'maxCost' ? ' By default it is `5`. It is also filled in if the client proposes more.' : ''}`,
  });
}

/** In US dollars. */
export const usualNewAccountLimit = '20';

/** An amount of US dollars, or `off`, which is read as undefined. */
export const newAccountLimit = {
  form: `${usdVariable.form}, or \`off\``,
  parse: (value: string): bigint | undefined => (value === 'off' ? undefined : usdVariable.parse(value)),
};

/**
 * Reads the overall monthly limit of a new account.
 * @param text an amount or `off`; undefined: the usual limit
 * @returns undefined for no limit
 * @throws Error that names the accepted values
 */
export function parseNewAccountLimit(text: string | undefined): bigint | undefined {
  return newAccountLimit.parse(text ?? usualNewAccountLimit);
}

/** The total spending limit that is filled in if neither the owner nor the operator chose one. */
const usualMaxCost = 5n * oneUsd;

/** The amount that is filled in if the owner has no default of their own. */
export function usualAmount({ maxCost }: Limits): bigint {
  return maxCost ?? usualMaxCost;
}

/** The limits that the operator's environment suggests. */
export function readSuggestedLimits(
  values: { readonly [K in CountKind as NameOf<K>]: number | undefined } & {
    readonly [K in UsdKind as NameOf<K>]: bigint | undefined;
  },
): Limits {
  return buildLimits({ count: (kind) => values[nameOf(kind)], usd: (kind) => values[nameOf(kind)] });
}
