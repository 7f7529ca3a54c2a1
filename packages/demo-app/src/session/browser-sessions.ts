import type { Context } from 'koa';
import type { Session } from './session.js';
import { SessionStore } from './session-store.js';

/** Finds a browser's session by its cookie. */
export class BrowserSessions {
  readonly #store = new SessionStore();
  readonly #secure: boolean;
  readonly #cookieName: string;

  constructor(demoAppUrl: string) {
    this.#secure = demoAppUrl.startsWith('https:');
    // `__Host-` needs TLS, which the loopback set-up does not have.
    this.#cookieName = this.#secure ? '__Host-demo_session' : 'demo_session';
  }

  /** undefined when the browser has no session, or the store has removed it. */
  find(ctx: Context): Session | undefined {
    return this.#store.find(ctx.cookies.get(this.#cookieName));
  }

  /** Returns the browser's session. Makes one if there is none. */
  open(ctx: Context): Session {
    const found = this.find(ctx);
    if (found !== undefined) return found;
    const { id, session } = this.#store.insert();
    this.#setCookie(ctx, id);
    return session;
  }

  /** Gives the same session a new id. Call this when the session gets more rights, such as a connection. */
  renewId(ctx: Context): void {
    const oldId = ctx.cookies.get(this.#cookieName);
    const newId = oldId === undefined ? undefined : this.#store.renewId(oldId);
    if (newId !== undefined) this.#setCookie(ctx, newId);
  }

  /** `Lax`, not `Strict`: the authorization server sends the browser back by a cross-site redirect. */
  #setCookie(ctx: Context, id: string): void {
    ctx.cookies.secure = this.#secure; // TLS may end at a proxy in front, where Koa cannot see it
    ctx.cookies.set(this.#cookieName, id, { httpOnly: true, sameSite: 'lax', secure: this.#secure });
  }
}
