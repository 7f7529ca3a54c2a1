import type { Explanation } from '../../browser/chat-event.js';
import type { Session } from './session.js';

/** Forgets the tokens and the conversation. The next page shows the notice, which says why. */
export function endConnection(session: Session, notice: Explanation): void {
  session.connection = undefined;
  session.conversation = [];
  // The next page is `/` itself, so a link to it is left out.
  session.notice = notice.link?.href === '/' ? { title: notice.title, advice: notice.advice } : notice;
}
