import { expect, it } from '@jest/globals';
import { passedCheck, Readiness } from '../src/health/readiness.js';

/** A check that passes when the test says so. */
class HeldCheck {
  readonly #waiting: (() => void)[] = [];
  readonly #begun: (() => void)[] = [];
  runs = 0;

  readonly run = async () => {
    this.runs += 1;
    const held = new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#begun.shift()?.();
    await held;
    return passedCheck;
  };

  /** Resolves when the next run has begun. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#begun.push(resolve));
  }

  pass(): void {
    this.#waiting.shift()?.();
  }
}

function watch(): { readonly readiness: Readiness; readonly check: HeldCheck } {
  const check = new HeldCheck();
  const readiness = new Readiness({ onChange: () => undefined });
  readiness.replaceChecks({ database: check.run });
  return { readiness, check };
}

// The ids at the beginning of titles are rows of docs/security.md.
it('U6: a probe after a failed request is answered by a check that began after the failure, even when another check had just begun', async () => {
  const { readiness, check } = watch();
  let begun = check.next();
  readiness.discardResult();
  await begun;
  readiness.discardResult(); // at once after the first: no further check may begin now
  let isAnswered = false;
  const answer = readiness.read().then((report) => {
    isAnswered = true;
    return report;
  });
  begun = check.next();
  check.pass();
  await begun;
  expect(isAnswered).toBe(false);
  check.pass();
  expect((await answer).isReady).toBe(true);
  expect(check.runs).toBe(2);
});

it('U6: a probe that waits while a request fails is answered by a check that began after the failure', async () => {
  const { readiness, check } = watch();
  let begun = check.next();
  let isAnswered = false;
  const answer = readiness.read().then(() => {
    isAnswered = true;
  });
  await begun;
  begun = check.next();
  readiness.discardResult();
  await begun;
  check.pass();
  await new Promise((resolve) => setImmediate(resolve));
  expect(isAnswered).toBe(false);
  check.pass();
  await answer;
});

it('U6: checks run at most ten times a second, however many requests fail and however many probes come', async () => {
  const check = { runs: 0 };
  const readiness = new Readiness({ onChange: () => undefined });
  readiness.replaceChecks({
    database: () => {
      check.runs += 1;
      return passedCheck;
    },
  });
  const startedAt = performance.now();
  for (let round = 0; round < 5; round += 1) {
    for (let failure = 0; failure < 20; failure += 1) readiness.discardResult();
    await readiness.read();
  }
  // a timer of 100 ms may end a fraction of a millisecond early
  const tenths = Math.round((performance.now() - startedAt) / 100);
  expect(check.runs).toBeLessThanOrEqual(tenths + 1);
});
