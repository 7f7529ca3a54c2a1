import * as oauth from 'openid-client';
import { findViolations, waitForQuiet } from '../faults/support/books.js';
import { type Access, askChat, type ChatResult, runLoad } from '../faults/support/load.js';
import { buildChat } from '../faults/support/numbered-chat.js';
import { postChat } from './chat.js';
import { ClientApp } from './client-app.js';
import { readClaims } from './connect.js';
import type { MixedReleases, Servers } from './mixed-releases.js';
import { Owner } from './owner.js';
import type { Fetch } from './replica-fetch.js';
import { watchStream } from './watch-stream.js';

const scope = 'model:gpt-4o-mini cap:chat';
/** The minimum time for which load runs during each action. */
const minMilliseconds = 1_000;
const callers = 3;

/** An owner with a browser and an app. The test chooses which authorization server their requests reach. */
export interface Visitor {
  readonly owner: Owner;
  readonly client: ClientApp;
  /** Chooses the servers. Called before each request. */
  through: () => Servers;
}

/** Constant load from owners and apps, and a record of its outcome. */
export class MixedLoad {
  /** Each fault as a sentence with the name of the server. */
  readonly failures: string[] = [];
  readonly accesses: Access[] = [];
  readonly seen: ChatResult[] = [];
  readonly #mixed: MixedReleases;
  #visitors = 0;

  constructor(mixed: MixedReleases) {
    this.#mixed = mixed;
  }

  /** Makes an account through the servers that `through` chooses, and registers an app through the shared address. */
  async createVisitor(through: () => Servers): Promise<Visitor> {
    const { issuer } = this.#mixed;
    const credentials = { email: `visitor-${++this.#visitors}@example.org`, password: 'correct horse battery staple' };
    let visitor: Visitor | undefined;
    const fetch = this.#watch(() => (visitor?.through ?? through)());
    const owner = new Owner(issuer, credentials, fetch);
    owner.maxRepeats = 10;
    await owner.createAccount();
    const client = await ClientApp.register({ issuer });
    client.configuration[oauth.customFetch] = fetch as unknown as oauth.CustomFetch;
    visitor = { owner, client, through };
    return visitor;
  }

  /** Runs a whole authorization, from the app's request to its tokens. */
  async connect({ owner, client }: Visitor): Promise<Access & { readonly refreshToken: string }> {
    const authorization = await client.beginAuthorization(scope);
    const callback = await owner.allow(authorization.url);
    return this.note(await client.finishAuthorization(authorization, callback));
  }

  /** Records a grant, so that its requests are compared with the ledger. */
  note(tokens: oauth.TokenEndpointResponse): Access & { readonly refreshToken: string } {
    const { access_token: accessToken, refresh_token: refreshToken = '' } = tokens;
    const access = {
      grant: this.accesses.length,
      grantId: readClaims(accessToken).grant_id,
      accessToken,
      refreshToken,
    };
    this.accesses.push(access);
    return access;
  }

  /** Sends one request to a proxy, which must answer completely. */
  async chat(
    access: Access,
    { release, resourceProxy }: Servers,
    { number = 0, isStream = false } = {},
  ): Promise<ChatResult> {
    const seen = await askChat({ access, number, target: resourceProxy.url, isStream });
    this.#judge(seen, release);
    return seen;
  }

  /** Opens a stream that the proxy must cut off. */
  openStream(access: Access, { resourceProxy }: Servers, number: number) {
    const { grant, accessToken } = access;
    const sentAtMilliseconds = performance.now();
    const opened = postChat(resourceProxy.url, accessToken, buildChat({ grant, number }, { isStream: true }));
    const watched = opened.then(watchStream);
    const ended = watched.then(async (stream) => {
      const { text, endedAtMilliseconds } = await stream.ended;
      const times = { sentAtMilliseconds, endedAtMilliseconds };
      this.seen.push({
        grant,
        number,
        target: resourceProxy.url,
        isStream: true,
        ...times,
        status: 200,
        isWhole: false,
        retryAfter: undefined,
        text,
      });
      return { text };
    });
    return { begun: watched.then(({ begun }) => begun), ended };
  }

  /** Runs an action while all running servers have load, except `without`, which the action stops. */
  async during<Result>(work: () => Promise<Result>, without?: Servers): Promise<Result> {
    const { running } = this.#mixed;
    const used = () => running.filter((servers) => servers !== without);
    let turn = 0;
    const next = () => {
      const servers = used();
      const chosen = servers[turn++ % servers.length];
      if (chosen === undefined) throw new Error('no server runs');
      return chosen;
    };
    const visitor = await this.createVisitor(next);
    let isOver = false;
    const loads = await Promise.all(
      used().map(async (servers) => {
        const accesses = [await this.connect(visitor), await this.connect(visitor)];
        return { servers, accesses };
      }),
    );
    const chats = loads.map(async ({ servers, accesses }) => {
      const targets = [servers.resourceProxy.url];
      const seen = await runLoad({ accesses, targets, callers, isOver: () => isOver });
      for (const one of seen) this.#judge(one, servers.release);
    });
    const journeys = this.#travel(visitor, used, () => isOver);
    const [result] = await Promise.all([
      work(),
      new Promise((resolve) => setTimeout(resolve, minMilliseconds)),
    ]).finally(() => {
      isOver = true;
    });
    await Promise.all([...chats, journeys]);
    return result;
  }

  /** Waits until no request is open. @returns the recorded failures, and differences from the bills and the ledger */
  async close(): Promise<readonly string[]> {
    const { accesses, seen } = this;
    await waitForQuiet(this.#mixed);
    const violations = await findViolations(this.#mixed, { accesses, bills: this.#mixed.upstream.bills, seen });
    return [...this.failures, ...violations];
  }

  /** Consents, refreshes and revokes, one after the other. Each request goes to the next authorization server. */
  async #travel(visitor: Visitor, used: () => readonly Servers[], isOver: () => boolean): Promise<void> {
    for (let turn = 0; !isOver(); turn++) {
      try {
        const access = await this.connect(visitor);
        let number = 0;
        for (const servers of used()) await this.chat(access, servers, { number: number++, isStream: turn % 2 === 0 });
        const refreshed = await visitor.client.refresh(access.refreshToken);
        access.accessToken = refreshed.access_token;
        for (const servers of used()) await this.chat(access, servers, { number: number++, isStream: turn % 2 === 1 });
        await this.revoke(visitor, access, turn % 2 === 0);
        for (const servers of used()) await this.requireRefused(access, servers, number++);
      } catch (error) {
        this.failures.push(`a visitor could not go on: ${error instanceof Error ? error.message : String(error)}`);
        return;
      }
    }
  }

  /** Revokes a grant: as the owner on its page, or as the app (RFC 7009). */
  async revoke({ owner, client }: Visitor, { grantId, accessToken }: Access, isByOwner: boolean): Promise<void> {
    if (!isByOwner) return client.revokeToken(accessToken);
    const { page } = await owner.open(`/account/grants/${grantId}`);
    // the previous release has another word on this button
    await owner.press(page, page.text.includes('Remove access') ? 'Remove access' : 'Revoke');
  }

  async requireRefused(access: Access, { release, resourceProxy }: Servers, number: number): Promise<void> {
    const seen = await askChat({ access, number, target: resourceProxy.url });
    this.seen.push(seen);
    if (seen.status !== 401)
      this.failures.push(`the ${release} resource proxy answered ${seen.status} after a revocation: ${seen.text}`);
  }

  #judge(seen: ChatResult, release: string): void {
    this.seen.push(seen);
    if (seen.isWhole) return;
    const { grant, number, isStream, status = 'nothing', text } = seen;
    this.failures.push(
      `the ${release} resource proxy answered ${status} to ${isStream ? 'stream' : 'request'} ${number} of grant ${grant}: ${text.slice(-300)}`,
    );
  }

  /** Sends a request to the chosen authorization server and records its failures. */
  #watch(choose: () => Servers): Fetch {
    return async (input, init) => {
      const { release, authorizationServer } = choose();
      const response = await authorizationServer.fetch(input, init);
      if (response.status >= 500) {
        const url = new URL(typeof input === 'string' || input instanceof URL ? input : input.url);
        const text = (await response.clone().text()).replaceAll(/<[^>]*>|\s+/g, ' ');
        this.failures.push(
          `the ${release} authorization server answered ${response.status} to ${init?.method ?? 'GET'} ${url.pathname}: ${text.slice(-300)}`,
        );
      }
      return response;
    };
  }
}
