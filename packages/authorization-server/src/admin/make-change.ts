import { unknownObject } from '../api/refusals.js';
import { changes } from '../operator/changes.js';
import type { AdminHandler, Specified } from './admin-call.js';

/**
 * Creates a handler for one of the changes that the operator's pages can make. It changes the account or the client in
 * the path. A repeated request changes nothing: the answer says so, and no audit row is added.
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
