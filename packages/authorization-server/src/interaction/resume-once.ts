import { hashSecret } from '@aipassport/store';
import { lockArtifact } from '@aipassport/store/authorization';
import type { Middleware } from '../context.js';
import { findPathValue, paths } from '../endpoints.js';
import type { Foundation } from '../foundation.js';
import { consumePushedRequest } from '../oidc/artifact-adapter.js';
import { inTransaction } from '../oidc/in-transaction.js';
import {
  describeAnswer,
  findInteractionAnswer,
  findPushedRequest,
  keepInteractionAnswer,
} from '../oidc/interaction-answers.js';
import { answerRepeat } from './answer-repeat.js';

/**
 * `GET /authorize/:uid`, where oidc-provider continues after an interaction. The first request makes the authorization
 * code, in one transaction. Every repeat, on any replica, gets the same code, as long as the code can be redeemed: see
 * `answerRepeat`.
 */
export function resumeOnce(foundation: Foundation): Middleware {
  return async (ctx, next) => {
    const uid = findPathValue(paths.resumption, ctx.path);
    if (uid === undefined) return next();
    await inTransaction(foundation.db, ctx, async (transaction) => {
      await lockArtifact(transaction, { model: 'Interaction', idHash: hashSecret(uid) });
      const earlier = await findInteractionAnswer(transaction, uid);
      if (earlier !== undefined && earlier.accountId === ctx.state.ownerAccountId)
        return answerRepeat({ ...foundation, db: transaction }, ctx, earlier, 'same');
      await next();
      const answer = describeAnswer(ctx);
      if (answer === undefined) return;
      await keepInteractionAnswer(transaction, uid, answer);
      const pushedRequest = findPushedRequest(ctx);
      if (pushedRequest !== undefined && !answer.location.startsWith('/'))
        await consumePushedRequest(transaction, pushedRequest);
    });
  };
}
