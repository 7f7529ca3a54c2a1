import { type Answer, encodeForm, type FormFields, header, send } from './http.js';

export interface Page extends Answer {
  readonly url: URL;
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

/**
 * The parts of a browser that our pages need: cookies by path, redirects, and forms. This browser runs no scripts. In
 * place of the consent page's script, it fetches the sentence about the choices before it sends a form with such a
 * sentence.
 */
export class Browser {
  /** By name and path, as browsers store them. */
  readonly cookies = new Map<string, Cookie>();
  /** The origin of the server under test. Redirects to any other origin are not followed. */
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Follows redirects until there is a page, or until the server sends the browser to another origin. */
  async open(address: string | URL): Promise<Page> {
    return this.#follow(await this.request(address));
  }

  /** Sends one request, with the cookies that belong to it. */
  async request(
    address: string | URL,
    options: { readonly method?: string; readonly body?: string; readonly headers?: Record<string, string> } = {},
  ): Promise<Page> {
    const url = new URL(address, this.#origin);
    const cookie = this.cookieHeader(url);
    const isForm = options.method === 'POST';
    const answer = await send(url, {
      ...options,
      headers: {
        accept: 'text/html,application/xhtml+xml',
        ...(cookie === '' ? {} : { cookie }),
        ...(isForm
          ? { 'content-type': 'application/x-www-form-urlencoded', origin: 'null', 'sec-fetch-site': 'same-origin' }
          : {}),
        ...options.headers,
      },
    });
    this.#keep(answer);
    // A18 in docs/security.md: after 307 or 308, a browser would send the form again, with the password, to the next
    // URL.
    if (isForm && answer.status >= 300 && answer.status < 400 && answer.status !== 303)
      throw new Error(`the form to ${url.pathname} was answered with ${answer.status}, not 303`);
    return { ...answer, url };
  }

  /**
   * Fills in a form of a page and sends it. `fields` replace the values that the page contains. The name and value of
   * the pressed button are sent only if they are in `fields`.
   */
  async submit(
    page: Page,
    action: string,
    fields: FormFields = {},
    { follow = true, hasScript = true } = {},
  ): Promise<Page> {
    const filled = { ...readForm(page.text, action), ...fields };
    const body = encodeForm({ ...filled, ...(hasScript ? await this.#readSentence(page, filled) : {}) });
    const answer = await this.request(new URL(action, page.url), { method: 'POST', body });
    return follow ? this.#follow(answer) : answer;
  }

  /** The hidden fields of the sentence about these choices; none if there is no sentence or the choices are refused. */
  async #readSentence(page: Page, fields: FormFields): Promise<FormFields> {
    const choices = Object.fromEntries(Object.entries(fields).filter(([name]) => !/^(decision|password)$/.test(name)));
    const [, path] = / data-summary="([^"]+)"/.exec(page.text) ?? [];
    if (path === undefined || choices['summary'] === undefined) return {};
    const url = new URL(path, page.url);
    const answer = await this.request(url, { method: 'POST', body: encodeForm(choices) });
    return answer.status === 200 ? readFields(answer.text) : {};
  }

  cookieHeader(url: URL): string {
    return [...this.cookies]
      .filter(([, { path }]) => path === '/' || url.pathname === path || url.pathname.startsWith(`${path}/`))
      .map(([, { name, value }]) => `${name}=${value}`)
      .join('; ');
  }

  async #follow(page: Page): Promise<Page> {
    let current = page;
    for (let hops = 0; current.status >= 300 && current.status < 400; hops += 1) {
      if (hops > 15) throw new Error('too many redirects');
      const next = new URL(header(current, 'location'), current.url);
      if (next.origin !== this.#origin) return { ...current, url: next };
      current = await this.request(next);
    }
    return current;
  }

  #keep(answer: Answer): void {
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const name = pair.slice(0, pair.indexOf('='));
      const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice('path='.length) ?? '/';
      if (attributes.some((attribute) => /^expires=Thu, 01 Jan 1970/i.test(attribute)))
        this.cookies.delete(`${name};${path}`);
      else this.cookies.set(`${name};${path}`, { name, value: pair.slice(name.length + 1), path });
    }
  }
}

/** The fields of the form with this action, as a browser would send them without any change. */
export function readForm(html: string, action: string): Record<string, string | string[]> {
  const form = [...html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)]
    .map(([text]) => text)
    .find((text) => attribute(text, 'action') === action);
  if (form === undefined)
    throw new Error(`the page has no form to ${action}: ${html.replace(/<[^>]+>/g, ' ').slice(0, 500)}`);
  return readFields(form);
}

/** The placeholders of the text fields of a page, by the names of the fields. */
export function listPlaceholders(html: string): Readonly<Record<string, string>> {
  const inputs = [...html.matchAll(/<input\b[^>]*\splaceholder="[^>]*>/g)].map(([input]) => input);
  return Object.fromEntries(inputs.map((input) => [attribute(input, 'name'), attribute(input, 'placeholder')]));
}

function readFields(form: string): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {};
  for (const [input] of form.matchAll(/<input\b[^>]*>/g)) {
    const name = attribute(input, 'name');
    const type = attribute(input, 'type');
    const isChoice = type === 'checkbox' || type === 'radio';
    if (name === undefined || (isChoice && !/\schecked\b/.test(input))) continue;
    const value = attribute(input, 'value') ?? '';
    const isRepeated = type === 'hidden' && name in fields;
    if (type === 'checkbox' || isRepeated) fields[name] = [...[fields[name] ?? []].flat(), value];
    else fields[name] = value;
  }
  return fields;
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value?.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** The text of a page. */
export function readText(html: string): string {
  return html
    .replace(/<head>[\s\S]*?<\/head>/, '')
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');
}
