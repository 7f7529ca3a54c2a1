import { setTimeout as sleep } from 'node:timers/promises';

/** The result of one check. It is public: it must contain no secret, host name, IP address or user name. */
export interface Finding {
  readonly ok: boolean;
  /** The problem, or a remark for the operator about a check that passed. */
  readonly message?: string;
}

export type Findings = Readonly<Record<string, Finding>>;

/** Whether a request could be served now. */
export interface ReadinessReport {
  readonly isReady: boolean;
  readonly findings: Findings;
  /** Names the database that the server uses; undefined until the server has seen it. */
  readonly instance: string | undefined;
}

/** @throws when the check itself fails. Then the check has failed; the error is never shown */
export type Check = () => Promise<Finding> | Finding;

/** The result of one run of the checks. */
interface Checked {
  readonly findings: Findings;
  readonly begunAt: number;
  /** How many times `discardResult` had been called when the run began. */
  readonly discards: number;
}

/** The messages of a server's checks, by the names of the checks, for the server's log. */
export function listCheckMessages({ findings }: ReadinessReport): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(findings).flatMap(([name, { message }]) => (message === undefined ? [] : [[name, message]])),
  );
}

export interface ReadinessOptions {
  /** Called with the first report and when a report differs from the previous one, even if only in a message. */
  readonly onChange: (report: ReadinessReport) => void;
  /** How long a check may take before it counts as failed. */
  readonly timeoutMilliseconds?: number;
}

/** Probes share a result without a failure for this long, so that frequent probes do not cause many checks. */
const sharedMilliseconds = 1_000;
/** A failure is cached for a shorter time, so that the next probe can see the server ready again. */
const sharedFailureMilliseconds = 250;
/** The shortest time from the beginning of one run of the checks to the next. */
const pauseMilliseconds = 100;
const defaultTimeoutMilliseconds = 2_000;

export const passedCheck: Finding = { ok: true };

export function failedCheck(message: string): Finding {
  return { ok: false, message };
}

/**
 * Runs a server's checks to find out whether it could serve a request now. Probes share one result for at most a
 * second. `discardResult` discards that result after a request has failed, so that the next probe does not get it.
 */
export class Readiness {
  readonly #options: ReadinessOptions;
  #checks: Readonly<Record<string, Check>>;
  #states: Readonly<Record<string, () => Finding>> = {};
  #shared: { readonly findings: Findings; readonly goodUntil: number } | undefined;
  /** Checks that have not begun yet. */
  #waiting: Promise<Checked> | undefined;
  /** Checks that have begun, and no request has failed since. */
  #running: Promise<Checked> | undefined;
  /** Counts the calls of `discardResult`. */
  #discards = 0;
  #instance: string | undefined;
  #begunAt = Number.NEGATIVE_INFINITY;
  #lastReported: string | undefined;

  constructor(options: ReadinessOptions) {
    this.#options = options;
    this.#checks = { database: () => failedCheck('the server is starting') };
  }

  /** Names the database that the server uses. */
  nameInstance(instance: string | undefined): void {
    this.#instance = instance;
  }

  /**
   * Replaces everything that is checked.
   * @param states checks that need no I/O: evaluated for every probe
   */
  replaceChecks(checks: Readonly<Record<string, Check>>, states: Readonly<Record<string, () => Finding>> = {}): void {
    this.#checks = checks;
    this.#states = states;
    this.#forget();
    this.#begunAt = Number.NEGATIVE_INFINITY;
  }

  /**
   * Called when a request has failed that should have succeeded. Each call discards the cached result, and the result
   * of checks that are in progress, because they may have passed before the failure. The checks run again at most ten
   * times a second, however many calls there are.
   */
  discardResult(): void {
    this.#forget();
    void this.runChecks();
  }

  /** For probes: returns the shared result. Runs the checks if there is no shared result, or if it is too old. */
  async read(): Promise<ReadinessReport> {
    const shared = this.#shared;
    if (shared !== undefined && performance.now() < shared.goodUntil) return this.#report(shared.findings);
    let checked = await this.#check();
    // A request failed after these checks had begun. Only checks that begin later can say that the server is ready.
    if (checked.discards !== this.#discards) checked = await this.#check();
    const { findings, begunAt, discards } = checked;
    const lifetime = haveAllPassed(findings) ? sharedMilliseconds : sharedFailureMilliseconds;
    if (discards === this.#discards) this.#shared = { findings, goodUntil: begunAt + lifetime };
    return this.#report(findings);
  }

  /** For the server's own log: runs the checks without caching the result. */
  async runChecks(): Promise<ReadinessReport> {
    const { findings } = await this.#check();
    return this.#report(findings);
  }

  #report(checked: Findings): ReadinessReport {
    const states = Object.entries(this.#states).map(([name, state]) => [name, state()] as const);
    const findings = { ...checked, ...Object.fromEntries(states) };
    const report = { isReady: haveAllPassed(findings), findings, instance: this.#instance };
    this.#reportChange(report);
    return report;
  }

  #forget(): void {
    this.#discards += 1;
    this.#shared = undefined;
    this.#running = undefined;
  }

  #check(): Promise<Checked> {
    return this.#running ?? (this.#waiting ??= this.#begin());
  }

  async #begin(): Promise<Checked> {
    await sleep(Math.max(0, this.#begunAt + pauseMilliseconds - performance.now()), undefined, { ref: false });
    this.#waiting = undefined;
    const begunAt = performance.now();
    this.#begunAt = begunAt;
    const discards = this.#discards;
    const running = this.#runAll().then((findings) => ({ findings, begunAt, discards }));
    this.#running = running;
    const checked = await running;
    if (this.#running === running) this.#running = undefined;
    return checked;
  }

  async #runAll(): Promise<Findings> {
    const entries = Object.entries(this.#checks).map(async ([name, check]) => [name, await this.#run(check)] as const);
    return Object.fromEntries(await Promise.all(entries));
  }

  async #run(check: Check): Promise<Finding> {
    const { timeoutMilliseconds = defaultTimeoutMilliseconds } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Finding>((resolve) => {
      timer = setTimeout(() => resolve(failedCheck('no answer in time')), timeoutMilliseconds);
    });
    try {
      return await Promise.race([check(), late]);
    } catch {
      return failedCheck('the check failed');
    } finally {
      clearTimeout(timer);
    }
  }

  #reportChange(report: ReadinessReport): void {
    const text = JSON.stringify(report);
    if (text === this.#lastReported) return;
    this.#lastReported = text;
    this.#options.onChange(report);
  }
}

function haveAllPassed(findings: Findings): boolean {
  return Object.values(findings).every(({ ok }) => ok);
}
