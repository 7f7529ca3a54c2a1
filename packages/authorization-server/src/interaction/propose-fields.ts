import { type AccessRequest, defaultLifetimeSeconds, mapLimitKinds, oneUsd, parseUsd } from '@aipassport/policy';
import type { ConsentDefaults } from '@aipassport/store/authorization';
import type { Configuration } from '../configuration.js';
import { formatAmountText } from '../limits/format-amount-text.js';
import { formatLimitTexts } from '../limits/limit-texts.js';
import { findPrefillBounds } from '../limits/prefill-bounds.js';
import type { ConsentFields } from './consent-fields.js';

/**
 * Returns the values that are filled in at first: what the client asked for, or else the operator's suggestion. Two
 * rules protect an owner who allows without reading: money is limited even if the client asked for no limit, and an
 * amount or a lifetime above the owner's default is not filled in. Without such a default, the operator's suggestion
 * takes its place for the amount, and 30 days for the lifetime. The owner can still choose what the client asked for.
 */
export function proposeFields(
  { suggestedLimits }: Pick<Configuration, 'suggestedLimits'>,
  { tokens, choosable, limits, lifetimeSeconds }: AccessRequest,
  defaults: ConsentDefaults,
): ConsentFields {
  const asked = formatLimitTexts(limits);
  const ours = formatLimitTexts(suggestedLimits);
  const most = findPrefillBounds(suggestedLimits, defaults);
  const amount = formatAmountText(smaller(limits.maxCost, most.maxCost));
  const unasked = defaults.lifetimeSeconds ?? defaultLifetimeSeconds;
  return {
    // The owner chooses the models. Chat is ticked because nearly every app needs it.
    tickedTokens: [...tokens, ...choosable.filter(({ text }) => text === 'cap:chat')].map(({ text }) => text),
    limits: { ...mapLimitKinds((kind) => asked[kind] || ours[kind]), maxCost: amount },
    spending: amount,
    acceptsNoLimit: false,
    existingAccess: undefined,
    remembers: false,
    // If the client proposes no lifetime and none is remembered from another app, the shortest lifetime that is
    // offered is used.
    expiresIn: String(lifetimeSeconds === undefined ? unasked : Math.min(lifetimeSeconds, most.lifetimeSeconds)),
    expiresOn: '',
  };
}

function smaller<T extends number | bigint>(asked: T | undefined, ours: T): T {
  return asked !== undefined && asked < ours ? asked : ours;
}

const usualAmounts = [oneUsd, 5n * oneUsd, 20n * oneUsd];
const largestUsual = 20n * oneUsd;

/**
 * The amounts to choose from: the usual ones that the client's proposal allows, that proposal if it is small, and the
 * amounts that are filled in.
 */
export function listAmounts(asked: bigint | undefined, filledIn: readonly (string | undefined)[]): readonly bigint[] {
  const amounts = [
    ...usualAmounts,
    ...(asked !== undefined && asked < largestUsual ? [asked] : []),
    ...filledIn.flatMap((text) => (text === undefined ? [] : (parseUsd(text) ?? []))),
  ];
  const allowed = amounts.filter((amount) => amount > 0n && (asked === undefined || amount <= asked));
  return [...new Set(allowed)].sort((a, b) => Number(a - b));
}
