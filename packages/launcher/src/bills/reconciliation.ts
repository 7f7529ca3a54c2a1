import {
  addLedgerCharges,
  type BillCharges,
  type BillComparison,
  compareBill,
  type LedgerCharges,
  type NanoUsd,
  roundToNanoUsd,
} from '@aipassport/policy';
import type { DailyCharges } from '@aipassport/store';
import type { Bill, BillLine, Period } from './bill.js';
import type { KeyPair } from './read-key-pairs.js';

/** The ledger and the bill of one pair of keys, on one day or on all final days together. */
export interface ComparedLine {
  readonly ours: LedgerCharges;
  readonly bill: BillCharges;
  /** undefined: the vendor's report of the day is not final, so no difference is computed. */
  readonly comparison: BillComparison | undefined;
}

export interface ComparedKey extends KeyPair {
  readonly days: readonly (ComparedLine & { readonly day: string })[];
  /** undefined: no day is final. */
  readonly total: ComparedLine | undefined;
}

export interface Reconciliation {
  readonly keys: readonly ComparedKey[];
  /** Keys of ours that were charged in these days and are in no pair. */
  readonly otherOurs: readonly { readonly name: string; readonly nanoUsd: NanoUsd; readonly requests: number }[];
  /** The vendor's keys that cost something in these days and are in no pair. undefined: usage without a key. */
  readonly otherTheirs: readonly { readonly keyId: string | undefined; readonly nanoUsd: NanoUsd }[];
}

export interface ReconciliationInputs {
  readonly pairs: readonly KeyPair[];
  readonly charges: readonly DailyCharges[];
  readonly bill: Bill;
  readonly period: Period;
  readonly toleranceNanoUsd: NanoUsd;
  readonly now: Date;
}

const dayMilliseconds = 86_400_000;

/**
 * A day is final a day after its end. Vendors report late, and no vendor documents a time. In that day, a proxy may
 * also still correct what it charged for a request whose end was unknown.
 */
const finalAfterMilliseconds = dayMilliseconds;

export function isFinal(day: string, now: Date, completeUntil?: Date): boolean {
  const end = Date.parse(day) + dayMilliseconds;
  return end + finalAfterMilliseconds <= now.getTime() && end <= (completeUntil?.getTime() ?? end);
}

/** Compares each pair of keys on each day, and on all final days together. */
export function buildReconciliation(inputs: ReconciliationInputs): Reconciliation {
  const { pairs, charges, bill } = inputs;
  const ourKeys = new Set(pairs.flatMap(({ ours }) => ours.map(({ accountId }) => accountId)));
  const theirKeys = new Set<string | undefined>(pairs.flatMap(({ theirs }) => theirs));
  return {
    keys: pairs.map((pair) => compareKey(pair, inputs)),
    otherOurs: addUpOurs(charges.filter(({ accountId }) => !ourKeys.has(accountId))),
    otherTheirs: addUpTheirs(bill.lines.filter(({ keyId }) => !theirKeys.has(keyId))),
  };
}

function compareKey(pair: KeyPair, inputs: ReconciliationInputs): ComparedKey {
  const { charges, bill, period, toleranceNanoUsd, now } = inputs;
  const ours = charges.filter(({ accountId }) => pair.ours.some((key) => key.accountId === accountId));
  const lines = bill.lines.filter(({ keyId }) => keyId !== undefined && pair.theirs.includes(keyId));
  const compare = (days: readonly string[]): ComparedLine => {
    const charged = addMidnight(addLedgerCharges(ours.filter(({ day }) => days.includes(day))), ours, days[0]);
    const billed = addBillLines(lines.filter(({ day }) => days.includes(day)));
    return { ours: charged, bill: billed, comparison: compareBill(charged, billed, toleranceNanoUsd) };
  };
  const all = listDays(period);
  const final = all.filter((day) => isFinal(day, now, bill.completeUntil));
  return {
    ...pair,
    days: all.map((day) => ({ day, ...compare([day]), ...(!final.includes(day) && { comparison: undefined }) })),
    total: final.length === 0 ? undefined : compare(final),
  };
}

/** Requests that ended on a day and began on the day before may explain a difference too. */
function addMidnight(charged: LedgerCharges, ours: readonly DailyCharges[], first = ''): LedgerCharges {
  const before = ours.filter(({ day }) => Date.parse(day) + dayMilliseconds === Date.parse(first));
  return { ...charged, midnightNanoUsd: charged.midnightNanoUsd + addLedgerCharges(before).midnightNanoUsd };
}

function listDays({ from, to }: Period): readonly string[] {
  const count = Math.round((to.getTime() - from.getTime()) / dayMilliseconds);
  return Array.from({ length: count }, (_, index) =>
    new Date(from.getTime() + index * dayMilliseconds).toISOString().slice(0, 10),
  );
}

/** Adds exactly, and rounds the sum once. */
function addBillLines(lines: readonly BillLine[]): BillCharges {
  const exact = lines.reduce((sum, { exactUsd = 0n }) => sum + exactUsd, 0n);
  const list = lines.reduce((sum, { exactListUsd = 0n }) => sum + exactListUsd, 0n);
  const hasList = lines.some(({ exactListUsd }) => exactListUsd !== undefined);
  return {
    nanoUsd: roundToNanoUsd(exact),
    listNanoUsd: hasList ? roundToNanoUsd(list) : undefined,
    requests: lines.reduce((sum, { requests }) => sum + requests, 0),
  };
}

function addUpOurs(charges: readonly DailyCharges[]): Reconciliation['otherOurs'] {
  const byKey = Map.groupBy(charges, ({ accountId, email }) => email ?? accountId ?? 'operator');
  return [...byKey].map(([name, those]) => {
    const { nanoUsd, requests } = addLedgerCharges(those);
    return { name, nanoUsd, requests };
  });
}

function addUpTheirs(lines: readonly BillLine[]): Reconciliation['otherTheirs'] {
  const byKey = Map.groupBy(lines, ({ keyId }) => keyId);
  return [...byKey]
    .map(([keyId, those]) => ({ keyId, nanoUsd: addBillLines(those).nanoUsd }))
    .filter(({ nanoUsd }) => nanoUsd !== 0n);
}
