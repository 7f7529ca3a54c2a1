import { CookieJar } from 'tough-cookie';
import { type FormChanges, Page } from './page.js';
import type { Fetch } from './replica-fetch.js';

export interface Visit {
  /** The redirect to another origin; undefined if the server showed a page. */
  readonly leftTo: URL | undefined;
  readonly page: Page;
}

export interface Credentials {
  readonly email: string;
  /** SECRET. */
  readonly password: string;
}

interface BrowserRequest {
  readonly method: 'GET' | 'POST';
  readonly body?: URLSearchParams;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A resource owner whose browser has only cookies, links and forms: no screen and no scripts. */
export class Owner {
  readonly credentials: Credentials;
  /**
   * How often the owner presses a button again if the page is shown again. Another release shows its own page again,
   * because it does not know all fields of the form.
   */
  maxRepeats = 0;
  readonly #issuer: string;
  readonly #fetch: Fetch;
  readonly #jar = new CookieJar(undefined, { allowSpecialUseDomain: true, rejectPublicSuffixes: false });

  constructor(issuer: string, credentials: Credentials, fetch: Fetch = globalThis.fetch) {
    this.#issuer = issuer;
    this.#fetch = fetch;
    this.credentials = credentials;
  }

  /** Opens a URL and follows redirects within the authorization server. */
  async open(target: string | URL): Promise<Visit> {
    return this.#follow(new URL(target, this.#issuer), { method: 'GET' });
  }

  /**
   * Presses a button of a page and follows redirects. On a consent page, the app gets no spending limit unless
   * `changes` sets one or the app proposed one.
   */
  async press(page: Page, button: string, changes?: FormChanges): Promise<Visit> {
    const { action, body } = page.fillForm(button, liftSpendingLimit(page, changes));
    await this.#readSentence(page, body);
    return this.post(action, body);
  }

  /** Sends a form that no page showed, such as a forged one. */
  async post(action: URL, body: URLSearchParams, headers: Readonly<Record<string, string>> = {}): Promise<Visit> {
    return this.#follow(action, { method: 'POST', body, headers: { origin: action.origin, ...headers } });
  }

  async createAccount(): Promise<Visit> {
    const { page } = await this.open('/account/create');
    let visit = await this.press(page, 'Create account', { fill: this.#fields });
    for (let turn = 0; turn < this.maxRepeats && visit.page.url.pathname === page.url.pathname; turn += 1)
      visit = await this.press(visit.page, 'Create account', { fill: this.#fields });
    return visit;
  }

  async signIn(): Promise<Visit> {
    const { page } = await this.open('/account/sign-in');
    return this.press(page, 'Sign in', { fill: this.#fields });
  }

  /** Opens the consent page of a request. The owner must be signed in. */
  async openConsent(authorizationUrl: URL): Promise<Page> {
    const { page, leftTo } = await this.open(authorizationUrl);
    if (leftTo !== undefined) throw new Error(`there was no page, but a redirect to ${leftTo.href}`);
    return page;
  }

  /**
   * Allows a request. The app keeps the access that it already has, unless the changes say otherwise.
   * @returns the client's callback, with the code
   */
  async allow(authorizationUrl: URL, changes?: FormChanges): Promise<URL> {
    return this.#decide(authorizationUrl, 'Allow', changes);
  }

  /** @returns the client's callback, with the error */
  async deny(authorizationUrl: URL): Promise<URL> {
    return this.#decide(authorizationUrl, 'Deny');
  }

  /** Opens the page of the app whose list entry contains these words; without words, of the only app with access. */
  async openApp(words = ''): Promise<Page> {
    const { page } = await this.open('/account/apps');
    const entries = page.document.querySelectorAll('main > .apps > li').filter(({ text }) => text.includes(words));
    const [link, ...others] = entries.map((entry) => entry.querySelector('a')?.getAttribute('href'));
    if (link === undefined || others.length > 0) throw new Error(`${entries.length} apps "${words}": ${page.text}`);
    return (await this.open(link)).page;
  }

  /** Removes all access of the app with this name. */
  async revoke(clientName: string): Promise<Page> {
    return (await this.press(await this.openApp(clientName), 'Remove access')).page;
  }

  async addKey(upstream: string, key: string): Promise<Page> {
    const { page } = await this.open('/account/keys');
    return (await this.press(page, 'Add key', { fill: { upstream, key } })).page;
  }

  /** SECRET: the value of the header `Cookie` that the browser sends to this address. */
  async cookies(target: string | URL = this.#issuer): Promise<string> {
    return this.#jar.getCookieString(new URL(target, this.#issuer).href);
  }

  /**
   * Does what the script of the consent page does: fetches the sentence about the choices, and adds its hash to the
   * form.
   */
  async #readSentence(page: Page, body: URLSearchParams): Promise<void> {
    const path = page.document.querySelector('form[data-summary]')?.getAttribute('data-summary');
    if (path === undefined || !body.has('summary')) return;
    const choices = new URLSearchParams([...body].filter(([name]) => name !== 'decision' && name !== 'password'));
    const { page: sentence } = await this.post(new URL(path, page.url), choices);
    for (const input of sentence.document.querySelectorAll('input'))
      body.set(input.getAttribute('name') ?? '', input.getAttribute('value') ?? '');
  }

  get #fields(): Record<string, string> {
    return { email: this.credentials.email, password: this.credentials.password };
  }

  async #decide(authorizationUrl: URL, button: string, changes?: FormChanges): Promise<URL> {
    const consent = await this.openConsent(authorizationUrl);
    let { leftTo, page } = await this.press(consent, button, keepAccess(consent, changes));
    // a far-reaching grant needs a recent sign-in, and in a long test the sign-in may be too old
    if (leftTo === undefined && page.text.includes('Confirm it’s you')) {
      const fill = { ...changes?.fill, password: this.credentials.password };
      ({ leftTo, page } = await this.press(page, button, keepAccess(page, { ...changes, fill })));
    }
    const isShownAnew = () => page.text.includes('The app got access in the meantime.');
    for (let turn = 0; leftTo === undefined && (turn < this.maxRepeats || (turn < 20 && isShownAnew())); turn += 1)
      ({ leftTo, page } = await this.press(page, button, keepAccess(page, changes)));
    if (leftTo === undefined) throw new Error(`"${button}" led to ${page.url.href}, which says: ${page.text}`);
    return leftTo;
  }

  async #follow(target: URL, init: BrowserRequest): Promise<Visit> {
    let url = target;
    let request: BrowserRequest = init;
    for (let redirects = 0; redirects < 20; redirects++) {
      const headers = { accept: 'text/html', ...request.headers, cookie: await this.cookies(url) };
      const response = await this.#fetch(url, { ...request, headers, redirect: 'manual' });
      for (const cookie of response.headers.getSetCookie()) await this.#jar.setCookie(cookie, url.href);
      const page = new Page(url, response, await response.text());
      const location = response.headers.get('location');
      if (location === null) return { page, leftTo: undefined };
      url = new URL(location, url);
      if (url.origin !== new URL(this.#issuer).origin) return { page, leftTo: url };
      request = { method: 'GET' };
    }
    throw new Error(`too many redirects, the last to ${url.href}`);
  }
}

function liftSpendingLimit(page: Page, changes: FormChanges = {}): FormChanges {
  const { max_cost_usd: amount, ...fill } = changes.fill ?? {};
  const buttons = page.document.querySelectorAll('input[type=radio][name=max_cost_usd]');
  if (buttons.length === 0) return changes;
  if (amount !== undefined && amount !== '')
    return { ...changes, fill: { ...fill, max_cost_usd: 'other', other_max_cost_usd: amount } };
  // If the app proposed a limit, the page has no button for "no limit".
  if (!buttons.some((button) => button.getAttribute('value') === '')) return changes;
  return { ...changes, fill: { ...fill, max_cost_usd: '' }, tick: [...(changes.tick ?? []), 'yes'] };
}

/** Adds the choice to keep the access that the app has already, if the page offers it. */
function keepAccess({ document }: Page, changes?: FormChanges): FormChanges {
  const offered = document.querySelector('input[name=existing_access]') === null ? {} : { existing_access: 'add' };
  return { ...changes, fill: { ...offered, ...changes?.fill } };
}
