import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { chromiumPath } from './harness/browser.js';
import { type LayoutShift, sizes, sumLayoutShifts } from './harness/expect-finished.js';
import {
  type FurnishedAccount,
  type FurnishedDeployment,
  furnishAccount,
  startFurnishedDeployment,
} from './harness/furnished-account.js';
import { copyCookies } from './harness/open-page.js';
import { RecordingUpstream } from './harness/recording-upstream.js';
import { furnishedTemplates, needsSignIn } from './harness/specified-pages.js';
import { useBrowser, withChromium } from './harness/use-browser.js';

/** A page is sent in about this many parts, so that the browser draws it before all of it has come. */
const parts = 60;
const pauseMilliseconds = 20;
/**
 * The largest accepted layout shift of a page that arrives so slowly. A good page may have 0.1 (web.dev/articles/cls).
 */
const maxShift = 0.025;

let upstream: RecordingUpstream;
let furnished: FurnishedDeployment;
let account: FurnishedAccount;
let slowServer: Server;
const browser = useBrowser();

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  if (chromiumPath === undefined) return;
  furnished = await startFurnishedDeployment(upstream.url);
  account = await furnishAccount(furnished);
  slowServer = await startSlowServer(new URL(furnished.deployment.issuer));
}, 120_000);

afterAll(async () => {
  slowServer?.close();
  await furnished?.stop();
  await upstream.stop();
});

for (const template of furnishedTemplates)
  withChromium(`the content of ${template} stays where it is while the page arrives`, async () => {
    for (const viewport of sizes) {
      const context = await browser().newContext({ viewport });
      const url = `http://127.0.0.1:${(slowServer.address() as AddressInfo).port}${pathOf(template)}`;
      if (needsSignIn(template)) await copyCookies(account.owner, context, url);
      const page = await context.newPage();
      expect((await page.goto(url))?.status()).toBe(200);
      const { sum, moved } = await page.evaluate<LayoutShift>(sumLayoutShifts);
      expect({ width: viewport.width, moved: sum < maxShift ? [] : [sum, ...moved] }).toEqual({
        width: viewport.width,
        moved: [],
      });
      await context.close();
    }
  });

/** The path and the query of a page of the furnished account. */
function pathOf(template: string): string {
  const { pathname, search } = new URL(account.addresses[template] ?? template, furnished.deployment.issuer);
  return `${pathname}${search}`;
}

/** Starts a server that passes on every request to another, and sends its pages slowly. */
async function startSlowServer(target: URL): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, host: target.host, 'accept-encoding': 'identity' };
    const onward = request({ host: target.hostname, port: target.port, path: incoming.url, headers }, (answer) => {
      sendSlowly(answer, outgoing).catch(() => outgoing.destroy());
    });
    onward.on('error', () => outgoing.destroy()).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function sendSlowly(answer: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
  const body = await buffer(answer);
  const isPage = answer.headers['content-type']?.startsWith('text/html') === true;
  const size = isPage ? Math.ceil(body.length / parts) : body.length;
  for (let at = 0; at < body.length; at += size) {
    outgoing.write(body.subarray(at, at + size));
    if (isPage) await pause(pauseMilliseconds);
  }
  outgoing.end();
}
