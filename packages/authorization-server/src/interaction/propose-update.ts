import { buildLimits, type Increase, limitTable, type UsdKind } from '@aipassport/policy';
import type { ConsentDefaults, Grant } from '@aipassport/store/authorization';
import type { Configuration } from '../configuration.js';
import { countUse } from '../limits/count-use.js';
import { formatLimitTexts } from '../limits/limit-texts.js';
import { findPrefillBounds } from '../limits/prefill-bounds.js';
import { addSeconds } from '../limits/read-expiry.js';
import type { ConsentFields } from './consent-fields.js';
import { unchangedEnd } from './decide-update.js';

interface ProposedUpdate {
  readonly increase: Increase;
  readonly grant: Grant;
  readonly defaults: ConsentDefaults;
  readonly timeZone: string;
  readonly now: Date;
}

/**
 * The values that the page of an update has at first. They are those that the client asked for, with two bounds, as for
 * a new grant:
 * - money: from now on, the client can spend at most the default amount, or the rest of its present limit, whichever is
 *   larger;
 * - end: the access lasts for at most the default lifetime from now, or until its present end, if that is later.
 *
 * The owner can still choose what the client asked for.
 */
export function proposeUpdate(
  { suggestedLimits }: Pick<Configuration, 'suggestedLimits'>,
  { increase, grant, defaults, timeZone, now }: ProposedUpdate,
): ConsentFields {
  const most = findPrefillBounds(suggestedLimits, defaults);
  const used = countUse(grant, { timeZone, now });
  const findAmount = (kind: UsdKind) => {
    const [asked, present] = [increase.limits[kind], grant.limits[kind]];
    const enough = used[limitTable[kind].usage] + most.maxCost;
    if (asked === undefined || present === undefined || asked <= enough) return asked;
    return present > enough ? present : enough;
  };
  return {
    tickedTokens: increase.newTokens.map(({ text }) => text),
    limits: formatLimitTexts(buildLimits({ count: (kind) => increase.limits[kind], usd: findAmount })),
    expiresIn: proposeEnd(increase, { grant, most, now }),
    expiresOn: '',
    spending: undefined,
    acceptsNoLimit: false,
    existingAccess: undefined,
    remembers: false,
  };
}

/** @returns an empty text when the request does not move the end */
function proposeEnd(
  { lifetimeSeconds: asked }: Increase,
  { grant, most, now }: Pick<ProposedUpdate, 'grant' | 'now'> & { readonly most: { readonly lifetimeSeconds: number } },
): string {
  if (asked === undefined) return '';
  const seconds = Math.min(asked, most.lifetimeSeconds);
  return addSeconds(now, seconds) > grant.expiresAt ? String(seconds) : unchangedEnd;
}
