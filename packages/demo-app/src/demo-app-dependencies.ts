import type { ChatDependencies } from './chat/chat-dependencies.js';
import type { Assets } from './routes/serve-assets.js';
import type { BrowserSessions } from './session/browser-sessions.js';

/** The dependencies of the routes. */
export interface DemoAppDependencies extends ChatDependencies {
  /** The URL at which browsers reach this app. */
  readonly url: string;
  readonly sessions: BrowserSessions;
  readonly assets: Assets;
}
