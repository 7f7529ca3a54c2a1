import { tell } from '@aipassport/store/testing';
import { countSettlements, findViolations, waitForQuiet } from './books.js';
import type { Laboratory } from './laboratory.js';
import { type Access, type LoadOptions, runLoad, type Seen } from './load.js';

export interface Outcome {
  readonly row: string;
  readonly fault: string;
  readonly faults: number;
  /** When they were not sent through the experiment. */
  readonly requests?: number;
  /** What the test has found besides what the books say. */
  readonly violations?: readonly string[];
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** All requests of a test file: those that were sent, and to which grants. */
export class Experiment {
  readonly laboratory: Laboratory;
  readonly accesses: Access[] = [];
  readonly seen: Seen[] = [];
  /** Load goes to the grants from here on. */
  #firstAccess = 0;
  #firstNumber = 0;
  #toldRequests = 0;
  #toldSettlements: Readonly<Record<string, number>> = {};

  constructor(laboratory: Laboratory) {
    this.laboratory = laboratory;
  }

  async addGrant(...options: Parameters<Laboratory['grant']>): Promise<Access> {
    const access = await this.laboratory.grant(...options);
    this.accesses.push(access);
    return access;
  }

  /** From now on load is under new grants, whose numbers begin anew: those of the old ones come to an end. */
  async renewGrants(...limits: readonly Parameters<Laboratory['grant']>[0][]): Promise<void> {
    this.#firstAccess = this.accesses.length;
    this.#firstNumber = 0;
    for (const each of limits) await this.addGrant(each);
  }

  /** A number that no request of this file has had. */
  nextNumber(): number {
    return this.#firstNumber++;
  }

  /** One by one: a long run has more than a call can have arguments. */
  note(seen: readonly Seen[]): void {
    for (const one of seen) this.seen.push(one);
  }

  /** Callers on all proxies, under all grants since they were renewed or those given, until it is over. */
  async load(options: Partial<LoadOptions> & Pick<LoadOptions, 'isOver'>): Promise<readonly Seen[]> {
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

  /** Waits for quiet, holds the books against each other, and tells what came of it. */
  async close(outcome: Outcome): Promise<readonly string[]> {
    const { accesses, laboratory, seen } = this;
    await waitForQuiet(laboratory);
    const found = await findViolations(laboratory, { accesses, bills: laboratory.upstream.bills, seen });
    const violations = [...(outcome.violations ?? []), ...found];
    const requests = seen.length - this.#toldRequests;
    this.#toldRequests = seen.length;
    const settlements = await countSettlements(laboratory);
    const told = this.#toldSettlements;
    this.#toldSettlements = settlements;
    const ledger = Object.fromEntries(
      Object.entries(settlements).flatMap(([kind, count]) => {
        const added = count - (told[kind] ?? 0);
        return added === 0 ? [] : [[kind, added]];
      }),
    );
    const detail = { ...outcome.detail, ledger };
    tell({ requests, ...outcome, violations, detail });
    return violations;
  }
}
