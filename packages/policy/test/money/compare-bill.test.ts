import { expect, it } from '@jest/globals';
import { addLedgerCharges, type BillCharges, compareBill, type LedgerCharges } from '../../src/index.js';

const ledger = (more: Partial<LedgerCharges> = {}): LedgerCharges => ({
  nanoUsd: 100n,
  requests: 3,
  unknownNanoUsd: 0n,
  correctedNanoUsd: 0n,
  midnightNanoUsd: 0n,
  ...more,
});

const bill = (nanoUsd: bigint, more: Partial<BillCharges> = {}): BillCharges => ({ nanoUsd, requests: 3, ...more });

it('agrees up to the tolerance, in both directions', () => {
  const agrees = (billed: bigint, tolerance: bigint) => compareBill(ledger(), bill(billed), tolerance).agrees;
  expect([agrees(100n, 0n), agrees(101n, 0n), agrees(99n, 0n)]).toEqual([true, false, false]);
  expect([agrees(105n, 5n), agrees(95n, 5n), agrees(106n, 5n), agrees(94n, 5n)]).toEqual([true, true, false, false]);
});

it('names what may explain a difference, and nothing else', () => {
  const explain = (ours: Partial<LedgerCharges>, billed: BillCharges) =>
    compareBill(ledger(ours), billed, 0n).explanations;
  expect(explain({}, bill(100n, { requests: 9 }))).toEqual([]);
  expect(explain({}, bill(150n, { requests: 4 }))).toEqual(['other_requests']);
  expect(explain({}, bill(150n))).toEqual(['prices']);
  expect(explain({ unknownNanoUsd: 40n }, bill(70n))).toEqual(['unknown_usage']);
  expect(explain({ unknownNanoUsd: 40n }, bill(150n))).toEqual(['prices']);
  expect(explain({}, bill(80n, { listNanoUsd: 100n }))).toEqual(['discount']);
  expect(explain({}, bill(80n, { listNanoUsd: 80n }))).toEqual(['prices']);
  expect(explain({ correctedNanoUsd: -5n, midnightNanoUsd: 10n }, bill(105n))).toEqual([
    'corrections',
    'around_midnight',
  ]);
});

it('the difference is the vendor’s amount minus ours, and charges are added up', () => {
  const both = addLedgerCharges([ledger(), ledger({ nanoUsd: -30n, correctedNanoUsd: -30n, requests: 0 })]);
  expect(both).toEqual(ledger({ nanoUsd: 70n, correctedNanoUsd: -30n }));
  expect(compareBill(both, bill(65n), 0n).differenceNanoUsd).toBe(-5n);
  expect(addLedgerCharges([])).toEqual(ledger({ nanoUsd: 0n, requests: 0 }));
});
