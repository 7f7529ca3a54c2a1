import { limitTable } from '@aipassport/policy';
import type { ConsentDefaults } from '@aipassport/store/authorization';
import { formatAmountText } from '../limits/format-amount-text.js';

/** The defaults as the fields of the settings show them. An empty text: there is none. */
export interface DefaultTexts {
  readonly maxCost: string;
  readonly lifetimeSeconds: string;
}

export function formatDefaults({ maxCost, lifetimeSeconds }: ConsentDefaults): DefaultTexts {
  return {
    maxCost: maxCost === undefined ? '' : formatAmountText(maxCost),
    lifetimeSeconds: lifetimeSeconds?.toString() ?? '',
  };
}

export function isAllowedDefault(maxCost: bigint): boolean {
  return maxCost > 0n && maxCost <= limitTable.maxCost.max;
}
