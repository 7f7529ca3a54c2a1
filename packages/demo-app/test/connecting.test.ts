import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestApp, type TestApp } from './start-test-app.js';

describe('connecting', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it('waits a while for an authorization server that does not answer, then says so', async () => {
    const cookie = await submitForm('model=gpt-4o&capability=chat');
    expect(await readStart(cookie)).toContain('AIPassport can’t be reached');
    expect(await readStart(cookie)).not.toContain('can’t be reached');
  });

  it('says what is missing in the request', async () => {
    expect(await readStart(await submitForm('capability=chat'))).toContain('Select at least one model.');
  });

  it('refuses an authorization response that this browser did not request', async () => {
    const answer = await fetch(`${app.url}/callback?code=stolen&state=guessed&iss=http://localhost:2`, {
      redirect: 'manual',
    });
    expect(answer.headers.get('location')).toBe('/');
    expect(await readStart(readCookie(answer))).toContain('does not belong to a request from this browser');
    expect(app.events.join()).not.toContain('stolen');
  });

  it('keeps the session in a cookie that scripts and other sites do not get', async () => {
    const answer = await fetch(`${app.url}/callback`, { redirect: 'manual' });
    expect(answer.headers.get('set-cookie')).toMatch(/^demo_session=[\w-]{43}; path=\/; samesite=lax; httponly$/);
  });

  it('never uses a session id that the browser chose', async () => {
    const planted = 'demo_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
    const answer = await fetch(`${app.url}/callback`, { redirect: 'manual', headers: { cookie: planted } });
    expect(readCookie(answer)).not.toBe(planted);
  });

  async function submitForm(body: string): Promise<string> {
    const answer = await fetch(`${app.url}/connect`, {
      method: 'POST',
      headers: { origin: app.url, 'content-type': 'application/x-www-form-urlencoded' },
      body,
      redirect: 'manual',
    });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
    return readCookie(answer);
  }

  async function readStart(cookie: string): Promise<string> {
    return (await fetch(app.url, { headers: { cookie } })).text();
  }
});

function readCookie(answer: Response): string {
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}
