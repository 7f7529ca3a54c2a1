import { unknownObject } from '../api/refusals.js';
import { changes } from '../operator/changes.js';
import type { AdminHandler, Specified } from './admin-call.js';

/**
 * A handler that makes one of the changes of the operator's pages to the account or the client in the path. It may be
 * repeated: if nothing is left to change, the answer says so, and there is no audit row.
 */
export function makeChange(act: keyof typeof changes): AdminHandler {
  const { find, perform } = changes[act];
  return async (
    deps,
    { ctx, caller: { accountId = '', by }, value: subject },
  ): Promise<Specified['InstanceChangeResult']> => {
    if ((await find(deps, subject, accountId)) === undefined) throw unknownObject();
    const changed = await perform(deps, subject, by);
    ctx.state.log.info({ event: 'operator_change', change: act, done: changed, by });
    return { changed };
  };
}
