import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestApp, type TestApp } from './start-test-app.js';

describe('the demo app over HTTP', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  const get = (path: string) => fetch(`${app.url}${path}`, { redirect: 'manual' });

  it('answers the health check under any host name', async () => {
    const { port } = new URL(app.url);
    const status = await getByHost(Number(port), '/health', 'probe.internal');
    expect(status).toBe(200);
  });

  it('shows the connect page without setting a cookie', async () => {
    const answer = await get('/');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(await answer.text()).toContain('Connect your AI');
  });

  it('pages load only the app’s own files, run no script, and cannot be framed', async () => {
    for (const path of ['/', '/nowhere']) {
      const policy = (await get(path)).headers.get('content-security-policy');
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/script-src|connect-src|unsafe/);
    }
  });

  it('has no inline script, style or handler in its pages', async () => {
    const page = await (await get('/')).text();
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/);
  });

  it('redirects a browser that used another host name to the app’s URL', async () => {
    const { port } = new URL(app.url);
    const answer = await fetch(`http://localhost:${port}/chat?next=http://evil.example`, { redirect: 'manual' });
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toBe(`${app.url}/`);
  });

  it.each([
    ['no origin', undefined],
    ['another site', 'https://evil.example'],
    ['the authorization server', 'http://localhost:2'],
    ['an opaque origin', 'null'],
  ])('refuses a POST that comes from %s', async (_title, origin) => {
    for (const path of ['/connect', '/chat/answer', '/disconnect']) {
      const headers: Record<string, string> = origin === undefined ? {} : { origin };
      const answer = await fetch(`${app.url}${path}`, { method: 'POST', headers, redirect: 'manual' });
      expect(answer.status).toBe(403);
    }
  });

  it('serves only the files on its list', async () => {
    expect((await get('/assets/chat.js')).headers.get('content-type')).toContain('text/javascript');
    expect((await get('/assets/pico.css')).status).toBe(200);
    for (const path of ['/assets/..%2fpackage.json', '/assets/main.js', '/assets/constructor', '/assets/']) {
      expect((await get(path)).status).toBe(404);
    }
  });

  it('answers 304 if the browser already has the file', async () => {
    const etag = (await get('/assets/app.css')).headers.get('etag') ?? '';
    const again = await fetch(`${app.url}/assets/app.css`, {
      headers: { 'if-none-match': etag, 'cache-control': 'max-age=0' },
    });
    expect(again.status).toBe(304);
  });

  it('offers no chat to a browser that is not connected', async () => {
    const page = await get('/chat');
    expect([page.status, page.headers.get('location')]).toEqual([302, '/']);
    const answer = await fetch(`${app.url}/chat/answer`, {
      method: 'POST',
      headers: { origin: app.url, 'content-type': 'application/json' },
      body: '{"model":"gpt-4o","text":"hello"}',
    });
    expect(JSON.parse(await answer.text())).toMatchObject({ kind: 'refusal', accessEnded: true });
  });

  it('refuses a body that is not JSON or is too long', async () => {
    const answer = await fetch(`${app.url}/chat/answer`, {
      method: 'POST',
      headers: { origin: app.url, 'content-type': 'application/json' },
      body: '{"model":',
    });
    expect(answer.status).toBe(400);
    const tooMuch = await fetch(`${app.url}/connect`, {
      method: 'POST',
      headers: { origin: app.url, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'a'.repeat(20_000),
    });
    expect(tooMuch.status).toBe(413);
    expect(await answer.text()).not.toContain('at JSON.parse');
  });
});

/** Uses `node:http`, because `fetch` does not allow a Host header. */
function getByHost(port: number, path: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}
