import { type Repetition, repeatUntilClosed } from '@aipassport/contracts';
import type { PriceCatalogue } from '@aipassport/policy';
import { isDatabaseUnavailable } from '@aipassport/store';
import { claimBackgroundResponses, type OpenBackgroundResponse } from '@aipassport/store/proxying';
import type { Logger } from 'pino';
import { Denied } from '../../denials/denial.js';
import { askForResponse, type VendorAnswer, type VendorDependencies } from './ask-for-response.js';
import { settleBackground } from './settle-background.js';

export interface BackgroundOptions extends VendorDependencies {
  readonly prices: PriceCatalogue;
  readonly log: Logger;
}

const pauseMilliseconds = 1_000;
const maxAtOnce = 16;
/** After this time a response is cancelled and settled. No vendor lets a response run for so long. */
const maxAgeSeconds = 86_400;
/** A vendor may need this time until it can find a new response. */
const maxMissingSeconds = 60;

/**
 * Asks vendors for responses that run without a connection, until the cost of each is known. Every replica asks for the
 * responses of all replicas, so it does not matter which replica received the request, or whether a replica was
 * restarted. No client needs to ask for the responses. Responses of ended grants are cancelled.
 */
export function watchBackground(options: BackgroundOptions): Repetition {
  const { db, log } = options;
  return repeatUntilClosed(pauseMilliseconds, async () => {
    let claimed: readonly OpenBackgroundResponse[] = [];
    try {
      claimed = await claimBackgroundResponses(db, maxAtOnce);
      await Promise.all(claimed.map((open) => checkResponse(options, open)));
    } catch (error) {
      const level = isDatabaseUnavailable(error) ? 'debug' : 'error';
      log[level](
        { event: 'background_check_failed', err: error },
        'background responses could not be checked: the next attempt is in a second',
      );
    }
    return claimed.length < maxAtOnce ? undefined : 0;
  });
}

/**
 * Settles a response that has ended, that is older than `maxAgeSeconds`, or that the vendor cannot find after
 * `maxMissingSeconds`. Otherwise the vendor is asked again when the next check of the response is due.
 */
async function checkResponse(options: BackgroundOptions, open: OpenBackgroundResponse): Promise<void> {
  const isOverdue = open.ageSeconds > maxAgeSeconds;
  const question = open.isGrantActive && !isOverdue ? 'get' : 'cancel';
  const answer = await tryAsking(options, open, question);
  const isOver = answer.kind === 'response' && answer.response.isFinal;
  const isLost = answer.kind === 'gone' && open.ageSeconds > maxMissingSeconds;
  if (!isOver && !isLost && !isOverdue) return;
  const { log } = options;
  const { requestId, grantId } = open;
  try {
    // If a deadline has passed and the vendor does not say how the response ended, it is charged as reserved.
    await settleBackground(options, open, isOver ? answer.response : undefined);
    log.info({ event: 'background_settled', request_id: requestId, grant_id: grantId, question });
  } catch (error) {
    log[isDatabaseUnavailable(error) ? 'debug' : 'error'](
      { event: 'background_settlement_failed', request_id: requestId, err: error },
      'a background response could not be settled: it is checked again later',
    );
  }
}

/** @returns `unknown` also when the vendor could not be asked */
async function tryAsking(
  options: BackgroundOptions,
  open: OpenBackgroundResponse,
  question: 'get' | 'cancel',
): Promise<VendorAnswer> {
  try {
    return await askForResponse(options, open, question);
  } catch (error) {
    const detail = error instanceof Denied ? error.denial.reason : undefined;
    options.log.warn(
      { event: 'background_check_failed', request_id: open.requestId, detail, err: error },
      open.ageSeconds > maxAgeSeconds
        ? 'the AI provider could not be asked for a background response, which is charged as reserved because its deadline has passed'
        : 'the AI provider could not be asked for a background response: it is asked again later',
    );
    return { kind: 'unknown' };
  }
}
