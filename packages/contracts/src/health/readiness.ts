/** What one check of a server found. It is shown to everybody who asks: no secret, no address, no name of a user. */
export interface Finding {
  readonly ok: boolean;
  /** What is wrong, or what an operator should know although it is well. */
  readonly message?: string;
}

export type Findings = Readonly<Record<string, Finding>>;

/** Whether a request could be served now. */
export interface ReadinessReport {
  readonly isReady: boolean;
  readonly findings: Findings;
}

/** @throws when it cannot be found out; that is a failure too, and its error is never shown */
export type Check = () => Promise<Finding> | Finding;

/** What there is to say of a server's checks, by their names: for its log. */
export function listRemarks({ findings }: ReadinessReport): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(findings).flatMap(([name, { message }]) => (message === undefined ? [] : [[name, message]])),
  );
}

export interface ReadinessOptions {
  /** Told when something begins to fail, or to work again; and of the first report. */
  readonly onChange: (report: ReadinessReport) => void;
  /** How long a check may take before it counts as failed. */
  readonly timeoutMilliseconds?: number;
}

/** However many probes ask: in this time the checks are made once. */
const sharedMilliseconds = 1_000;
/** A failure is shown for less long: the probe that sees the server well again may be the next one. */
const sharedFailureMilliseconds = 250;
const doubtMilliseconds = 100;
const defaultTimeoutMilliseconds = 2_000;

export const well: Finding = { ok: true };

export function failing(message: string): Finding {
  return { ok: false, message };
}

/**
 * Whether a server could serve a request now, found out by its own checks. Probes share one answer for a second; `doubt`
 * ends that at once, so that no probe sees a server as ready after a request of it has failed.
 */
export class Readiness {
  readonly #options: ReadinessOptions;
  #checks: Readonly<Record<string, Check>>;
  #states: Readonly<Record<string, () => Finding>> = {};
  #shared: { readonly findings: Findings; readonly goodUntil: number } | undefined;
  #pending: Promise<Findings> | undefined;
  /** Grows when what is known is in doubt. */
  #doubts = 0;
  #checkAgainAt = Number.NEGATIVE_INFINITY;
  #told: string | undefined;

  constructor(options: ReadinessOptions) {
    this.#options = options;
    this.#checks = { database: () => failing('the server is starting') };
  }

  /**
   * Replaces everything that is checked.
   * @param states what is known without asking anybody: looked at for every probe
   */
  replaceChecks(checks: Readonly<Record<string, Check>>, states: Readonly<Record<string, () => Finding>> = {}): void {
    this.#checks = checks;
    this.#states = states;
    this.#forget();
    this.#pending = undefined;
  }

  /**
   * A request failed that might not have: what was found before is not shown any more, and the checks are made anew. At
   * most ten times a second, however many requests fail.
   */
  doubt(): void {
    this.#forget();
    const now = performance.now();
    if (now < this.#checkAgainAt) return;
    this.#checkAgainAt = now + doubtMilliseconds;
    // Checks that are under way may have looked before it failed.
    this.#pending = undefined;
    void this.look();
  }

  /** For probes: what one of them has found is told to the others for a while. */
  async read(): Promise<ReadinessReport> {
    const shared = this.#shared;
    if (shared !== undefined && performance.now() < shared.goodUntil) return this.#report(shared.findings);
    const startedAt = performance.now();
    const doubts = this.#doubts;
    const findings = await (this.#pending ??= this.#check());
    const lifetime = isWell(findings) ? sharedMilliseconds : sharedFailureMilliseconds;
    if (doubts === this.#doubts) this.#shared = { findings, goodUntil: startedAt + lifetime };
    return this.#report(findings);
  }

  /** For the server itself, which has its log to write: it leaves nothing behind that a probe could be told. */
  async look(): Promise<ReadinessReport> {
    return this.#report(await (this.#pending ??= this.#check()));
  }

  #report(checked: Findings): ReadinessReport {
    const states = Object.entries(this.#states).map(([name, state]) => [name, state()] as const);
    const findings = { ...checked, ...Object.fromEntries(states) };
    const report = { isReady: isWell(findings), findings };
    this.#tell(report);
    return report;
  }

  #forget(): void {
    this.#doubts += 1;
    this.#shared = undefined;
  }

  #check(): Promise<Findings> {
    const checking = this.#runAll().then((findings) => {
      if (this.#pending === checking) this.#pending = undefined;
      return findings;
    });
    return checking;
  }

  async #runAll(): Promise<Findings> {
    const entries = Object.entries(this.#checks).map(async ([name, check]) => [name, await this.#run(check)] as const);
    return Object.fromEntries(await Promise.all(entries));
  }

  async #run(check: Check): Promise<Finding> {
    const { timeoutMilliseconds = defaultTimeoutMilliseconds } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Finding>((resolve) => {
      timer = setTimeout(() => resolve(failing('no answer in time')), timeoutMilliseconds);
    });
    try {
      return await Promise.race([check(), late]);
    } catch {
      return failing('the check failed');
    } finally {
      clearTimeout(timer);
    }
  }

  #tell(report: ReadinessReport): void {
    const text = JSON.stringify(report);
    if (text === this.#told) return;
    this.#told = text;
    this.#options.onChange(report);
  }
}

function isWell(findings: Findings): boolean {
  return Object.values(findings).every(({ ok }) => ok);
}
