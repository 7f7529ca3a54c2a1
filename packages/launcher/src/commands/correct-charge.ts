import { formatDecimalUsd, parseUsd } from '@aipassport/policy';
import { correctCharge } from '@aipassport/store';
import { withDatabase } from '../database/with-database.js';
import type { CommandContext } from './context.js';

export interface CorrectionOptions {
  readonly cost: string;
  readonly reason: string;
}

const requestIdPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * `correct-charge`: charges the real cost of a request, when its AI provider reported wrong usage or the proxy did not
 * accept the report. The ledger gets an additional row; no row is changed.
 */
export async function correctRequestCharge(
  { environment, print }: CommandContext,
  requestId: string,
  { cost: text, reason }: CorrectionOptions,
): Promise<void> {
  const cost = parseUsd(text);
  if (!requestIdPattern.test(requestId)) throw new Error(`${requestId} is not the identifier of a request.`);
  if (cost === undefined) throw new Error(`${text} is not an amount in US dollars, such as 0.0125.`);
  const difference = await withDatabase(environment, (db) => correctCharge(db, { requestId, cost, reason }));
  if (difference === undefined)
    throw new Error(
      `${requestId} is not in the ledger, or it ended less than a day ago and its proxy may still correct it. Try again a day after it ended.`,
    );
  const by = `${difference < 0n ? '-' : '+'}${formatDecimalUsd(difference < 0n ? -difference : difference)}`;
  print(
    difference === 0n
      ? 'The request was charged this amount already. Nothing was changed.'
      : `The charge was corrected by ${by} US dollars.`,
  );
}
