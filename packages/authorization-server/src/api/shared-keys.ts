import { formatDecimalUsd, type Upstream } from '@aipassport/policy';
import {
  listOperatorKeys,
  type OperatorKeyState,
  type OperatorSpending,
  readOperatorCaps,
  readOperatorSpending,
} from '@aipassport/store/authorization';
import type { Dependencies } from '../dependencies.js';
import { lowestCap } from '../limits/lowest-cap.js';
import type { Specified } from './api-call.js';
import { orNull, usdOrNull } from './values.js';

/**
 * `GET /api/operator/keys`: what the operator's page of the shared keys shows. These provider keys are in no database.
 */
export async function getSharedKeys({ db, configuration }: Dependencies): Promise<Specified['SharedKeys']> {
  const { operatorKeysFor, operatorCaps: bounds } = configuration;
  const keys = await listOperatorKeys(db);
  const caps = await readOperatorCaps(db);
  const upstreams = [...new Set([...keys.map(({ upstream }) => upstream), ...operatorKeysFor])];
  const describe = (upstream: Upstream) =>
    describeKey(upstream, {
      key: keys.find((one) => one.upstream === upstream),
      isAnnounced: operatorKeysFor.includes(upstream),
    });
  return {
    keys: upstreams.map(describe),
    all_accounts: describeShared(await readOperatorSpending(db), lowestCap(caps.ofAll, bounds.ofAll)),
    each_account: { max_cost_usd_per_month: usdOrNull(lowestCap(caps.ofAccount, bounds.ofAccount)) },
  };
}

interface KnownKey {
  readonly key: OperatorKeyState | undefined;
  readonly isAnnounced: boolean;
}

function describeKey(upstream: Upstream, { key, isAnnounced }: KnownKey): Specified['SharedKey'] {
  return {
    upstream,
    sources: [...(key?.sources ?? [])],
    proxies: key?.proxies ?? 0,
    running_proxies: orNull(key?.running),
    is_announced: isAnnounced,
    refused: key?.refused === undefined ? null : { at: key.refused.at.toISOString(), reason: key.refused.reason },
  };
}

/** @param cap the cap that applies; undefined when there is none */
export function describeShared(
  { cost, reserved }: OperatorSpending,
  cap: bigint | undefined,
): Specified['SharedSpending'] {
  return {
    used_usd: formatDecimalUsd(cost - reserved),
    held_usd: formatDecimalUsd(reserved),
    max_cost_usd_per_month: usdOrNull(cap),
  };
}
