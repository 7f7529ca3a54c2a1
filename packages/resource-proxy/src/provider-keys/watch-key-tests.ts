import { type Repetition, repeatUntilClosed } from '@aipassport/contracts';
import { isDatabaseUnavailable } from '@aipassport/store';
import { noteKeyTest, takeKeyTests } from '@aipassport/store/proxying';
import type { Logger } from 'pino';
import { type KeyTestDependencies, testProviderKey } from './test-provider-key.js';

const pauseMilliseconds = 1_000;
const maxAtOnce = 8;

/**
 * Tests the provider keys for which owners ask for a test. The authorization server cannot open a provider key, so it
 * stores that a test is wanted, and one of the proxies does the test: see docs/decisions/0030. If the result cannot be
 * stored, the test is done again later.
 */
export function watchKeyTests(options: KeyTestDependencies & { readonly log: Logger }): Repetition {
  const { db, log } = options;
  return repeatUntilClosed(pauseMilliseconds, async () => {
    try {
      const tests = await takeKeyTests(db, maxAtOnce);
      await Promise.all(tests.map(async (test) => noteKeyTest(db, test, await testProviderKey(options, test))));
    } catch (error) {
      const level = isDatabaseUnavailable(error) ? 'debug' : 'error';
      log[level](
        { event: 'key_test_failed', err: error },
        'provider keys could not be tested: the next attempt is in a second',
      );
    }
  });
}
