import type { ChatDependencies } from './chat/chat-dependencies.js';
import type { Assets } from './routes/serve-assets.js';
import type { BrowserSessions } from './session/browser-sessions.js';

/** What the routes need. */
export interface DemoAppDependencies extends ChatDependencies {
  /** Where browsers reach this app. */
  readonly url: string;
  readonly sessions: BrowserSessions;
  readonly assets: Assets;
}
