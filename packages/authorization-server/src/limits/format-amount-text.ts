import { formatDecimalUsd } from '@aipassport/policy';

/**
 * An exact amount with at least two decimals, as money is usually written: `1.50`, `0.0025`, `20.00`. From one dollar
 * on, it never has three decimals: 1.125 is written `1.1250`. Some languages show the point as a comma, and `1,125`
 * could also mean more than a thousand (see `parseTypedUsd`).
 */
export function formatAmountText(amount: bigint): string {
  const [dollars = '', decimals = ''] = formatDecimalUsd(amount).split('.');
  const isAmbiguous = decimals.length === 3 && dollars !== '0';
  return `${dollars}.${decimals.padEnd(isAmbiguous ? 4 : 2, '0')}`;
}
