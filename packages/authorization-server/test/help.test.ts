import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { contact } from '../src/help/parse-contact.js';
import { Browser, readText } from './support/browser.js';
import { createOwner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ configuration: { operatorContact: contact.parse('help@example.org') } });
});
afterAll(() => server.close());

it('the pages of visitors and of owners link to the help page, and both can read it', async () => {
  const visitor = new Browser(server.issuer);
  const { browser: owner } = await createOwner(server);
  for (const [browser, path] of [
    [visitor, '/account/sign-in'],
    [visitor, '/nothing'],
    [owner, '/account'],
    [owner, '/account/keys'],
  ] as const)
    expect((await browser.open(path)).text).toContain('<a href="/help">');
  for (const browser of [visitor, owner]) {
    const page = await browser.open('/help');
    expect([page.status, readText(page.text)]).toEqual([200, expect.stringContaining('Cut an app off')]);
    expect(page.text).toContain('<a href="mailto:help@example.org">help@example.org</a>');
  }
  expect(readText((await visitor.open('/help')).text)).toContain('You need a recovery code. If you have none');
  expect((await owner.open('/help')).text).toContain('Sign out');
  expect((await visitor.open('/help')).text).not.toContain('Sign out');
});

it('the operator’s contact must be an email address or an https URL', () => {
  expect(contact.parse('https://example.org/contact')).toMatchObject({ href: 'https://example.org/contact' });
  for (const text of ['http://example.org', 'javascript:alert(1)', 'nobody', 'a@b.example?subject=x', 'a b@c.example'])
    expect(() => contact.parse(text)).toThrow('must be an email address');
});
