import type { NanoUsd } from './nano-usd.js';

/** What the ledger says about a provider key, on one day or on several. */
export interface LedgerCharges {
  readonly nanoUsd: NanoUsd;
  readonly requests: number;
  /** The part for requests whose usage the vendor did not report, or did not report credibly. */
  readonly unknownNanoUsd: NanoUsd;
  /** The part that corrections added. It may be negative. */
  readonly correctedNanoUsd: NanoUsd;
  /** The cost of the requests that began on one of the days, or the day before, and ended on a later day (UTC). */
  readonly midnightNanoUsd: NanoUsd;
}

/** What the vendor's bill says about the same provider key and time. */
export interface BillCharges {
  readonly nanoUsd: NanoUsd;
  /** Before discounts. undefined: the vendor does not report it. */
  readonly listNanoUsd?: NanoUsd | undefined;
  readonly requests: number;
}

/** What may explain a difference. */
export type BillExplanation =
  | 'other_requests'
  | 'unknown_usage'
  | 'corrections'
  | 'around_midnight'
  | 'discount'
  | 'prices';

export interface BillComparison {
  readonly agrees: boolean;
  /** The vendor's amount minus ours. */
  readonly differenceNanoUsd: NanoUsd;
  /** Empty if the amounts agree. */
  readonly explanations: readonly BillExplanation[];
}

/** Compares the ledger with a vendor's bill. They agree if the difference is at most the tolerance. */
export function compareBill(ours: LedgerCharges, bill: BillCharges, toleranceNanoUsd: NanoUsd): BillComparison {
  const differenceNanoUsd = bill.nanoUsd - ours.nanoUsd;
  const agrees = absolute(differenceNanoUsd) <= toleranceNanoUsd;
  return { agrees, differenceNanoUsd, explanations: agrees ? [] : explain(ours, bill, differenceNanoUsd) };
}

function explain(ours: LedgerCharges, bill: BillCharges, difference: NanoUsd): readonly BillExplanation[] {
  const { requests, listNanoUsd } = bill;
  const found: BillExplanation[] = [];
  // If the vendor reports as many requests as we counted, the provider key was not used for other requests.
  if (difference > 0n && requests > ours.requests) found.push('other_requests');
  if (difference < 0n && ours.unknownNanoUsd > 0n) found.push('unknown_usage');
  if (difference < 0n && listNanoUsd !== undefined && listNanoUsd > bill.nanoUsd) found.push('discount');
  if (ours.correctedNanoUsd !== 0n) found.push('corrections');
  if (ours.midnightNanoUsd > 0n) found.push('around_midnight');
  return found.length > 0 ? found : ['prices'];
}

function absolute(amount: NanoUsd): NanoUsd {
  return amount < 0n ? -amount : amount;
}

export function addLedgerCharges(all: readonly LedgerCharges[]): LedgerCharges {
  return {
    nanoUsd: sum(all.map(({ nanoUsd }) => nanoUsd)),
    requests: all.reduce((total, { requests }) => total + requests, 0),
    unknownNanoUsd: sum(all.map(({ unknownNanoUsd }) => unknownNanoUsd)),
    correctedNanoUsd: sum(all.map(({ correctedNanoUsd }) => correctedNanoUsd)),
    midnightNanoUsd: sum(all.map(({ midnightNanoUsd }) => midnightNanoUsd)),
  };
}

function sum(amounts: readonly NanoUsd[]): NanoUsd {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
