import type { Explanation } from '../../browser/chat-event.js';
import type { Session } from './session.js';

/** Forgets the tokens, and says on the next page why. */
export function endConnection(session: Session, notice: Explanation): void {
  session.connection = undefined;
  session.conversation = [];
  // The next page is the one that a link to connecting again leads to.
  session.notice = notice.link?.href === '/' ? { title: notice.title, advice: notice.advice } : notice;
}
