import { getOwnGrant } from '../account/grant.js';
import type { Dependencies } from '../dependencies.js';
import type { ApiCall, Specified } from './api-call.js';
import { describeApiGrant } from './describe-grant.js';

/** `GET /api/account/grants/:grant_id` */
export async function getGrant(deps: Dependencies, { caller, value }: ApiCall): Promise<Specified['ApiGrant']> {
  const grant = await getOwnGrant(deps, caller, value);
  const { issuer } = deps.configuration;
  return describeApiGrant(grant, { issuer, timeZone: caller.timeZone, now: deps.now() });
}
