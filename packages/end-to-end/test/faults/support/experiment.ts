import { reportResult } from '@aipassport/store/testing';
import { countSettlements, findViolations, waitForQuiet } from './books.js';
import type { Laboratory } from './laboratory.js';
import { type Access, type ChatResult, type LoadOptions, runLoad } from './load.js';

export interface Outcome {
  readonly row: string;
  readonly fault: string;
  readonly faults: number;
  /** The number of requests, if they were not sent through the experiment. */
  readonly requests?: number;
  /** Violations that the test has found itself. */
  readonly violations?: readonly string[];
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** The parts of a laboratory that an experiment needs. */
export type Parts = Pick<Laboratory, 'db' | 'grant' | 'query' | 'targets' | 'upstream'>;

/** All requests of a test file and their grants. */
export class Experiment<Whole extends Parts = Laboratory> {
  readonly laboratory: Whole;
  readonly accesses: Access[] = [];
  readonly seen: ChatResult[] = [];
  /** The index of the first grant that `load` uses. */
  #firstAccess = 0;
  #firstNumber = 0;
  #reportedRequests = 0;
  #reportedSettlements: Readonly<Record<string, number>> = {};

  constructor(laboratory: Whole) {
    this.laboratory = laboratory;
  }

  async addGrant(...options: Parameters<Laboratory['grant']>): Promise<Access> {
    const access = await this.laboratory.grant(...options);
    this.accesses.push(access);
    return access;
  }

  /** Adds grants, and sends load only under these from now on. Their request numbers begin at 0 again. */
  async renewGrants(...limits: readonly Parameters<Laboratory['grant']>[0][]): Promise<void> {
    this.#firstAccess = this.accesses.length;
    this.#firstNumber = 0;
    for (const each of limits) await this.addGrant(each);
  }

  /** A request number that is new for the current grants. */
  nextNumber(): number {
    return this.#firstNumber++;
  }

  /** Adds results one by one, because a long run has more results than a function call can have arguments. */
  note(seen: readonly ChatResult[]): void {
    for (const one of seen) this.seen.push(one);
  }

  /** Sends load to all proxies until the test stops it, under the given grants or all current ones. */
  async load(options: Partial<LoadOptions> & Pick<LoadOptions, 'isOver'>): Promise<readonly ChatResult[]> {
    const { accesses, laboratory } = this;
    const seen = await runLoad({
      accesses: accesses.slice(this.#firstAccess),
      targets: laboratory.targets,
      callers: 8,
      firstNumber: this.#firstNumber,
      ...options,
    });
    for (const { number } of seen) this.#firstNumber = Math.max(this.#firstNumber, number + 1);
    this.note(seen);
    return seen;
  }

  /** Waits until no request is open, compares the records, and reports the result. @returns the violations */
  async close(outcome: Outcome): Promise<readonly string[]> {
    const { accesses, laboratory, seen } = this;
    await waitForQuiet(laboratory);
    const found = await findViolations(laboratory, { accesses, bills: laboratory.upstream.bills, seen });
    const violations = [...(outcome.violations ?? []), ...found];
    const requests = seen.length - this.#reportedRequests;
    this.#reportedRequests = seen.length;
    const settlements = await countSettlements(laboratory);
    const reported = this.#reportedSettlements;
    this.#reportedSettlements = settlements;
    const ledger = Object.fromEntries(
      Object.entries(settlements).flatMap(([kind, count]) => {
        const added = count - (reported[kind] ?? 0);
        return added === 0 ? [] : [[kind, added]];
      }),
    );
    const detail = { ...outcome.detail, ledger };
    reportResult({ requests, ...outcome, violations, detail });
    return violations;
  }
}
