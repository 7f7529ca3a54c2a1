import { expect } from '@jest/globals';
import { createOwner } from '../harness/connect.js';
import { password } from '../harness/create-account.js';
import { expectFinished } from '../harness/expect-finished.js';
import { withChromium } from '../harness/use-browser.js';
import { ageSignIns, beginWalk, useWalks } from '../harness/use-walks.js';

const walks = useWalks();

/** The status of a token request with this secret. 401: the secret is wrong. 400: only the code is wrong. */
async function tryClientSecret(clientId: string, secret: string): Promise<number> {
  const { issuer } = walks().deployment;
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientId}:${secret}`)}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: 'none',
      redirect_uri: 'https://weather.example/callback',
      code_verifier: 'v'.repeat(43),
    }),
  });
  return answer.status;
}

withChromium(
  'a developer registers an app, rotates its secret while both work, ends the earlier one, edits the app and deletes it',
  async () => {
    const walk = await beginWalk(walks(), await createOwner(walks().deployment));
    const { page, open, press } = walk;
    await open('/account/developer/clients/new');
    await page.getByLabel('Website with a server').check();
    await page.getByLabel('Name').fill('Weather Assistant');
    await page.getByLabel('Redirect addresses').fill('http://weather.example/callback');
    await press('Register an app', 'Use complete https addresses');
    expect(await page.getByLabel('Website with a server').isChecked()).toBe(true);
    await page.getByLabel('Redirect addresses').fill('https://weather.example/callback');
    await press('Register an app', 'App registered.');
    const first = await page.getByLabel('Client secret').inputValue();
    const clientId = (await page.locator('code.copyable').first().textContent()) ?? '';
    expect(await tryClientSecret(clientId, first)).toBe(400);

    await page.reload();
    expect(await page.content()).not.toContain(first);
    await ageSignIns(walks());
    await page.getByLabel('The current secret still works for').selectOption('3600');
    await press('Create new secret', 'Confirm it’s you to create a new secret.');
    expect(await page.getByLabel('The current secret still works for').inputValue()).toBe('3600');
    await page.getByLabel('Password').fill(password);
    await press('Create new secret', 'New secret created.');
    const second = await page.getByLabel('Client secret').inputValue();
    expect(await Promise.all([first, second].map((secret) => tryClientSecret(clientId, secret)))).toEqual([400, 400]);
    await press('End earlier secrets now', '1 earlier secret stops working at once.');
    await press('End earlier secrets now', 'Only the current secret works now.');
    expect(await Promise.all([first, second].map((secret) => tryClientSecret(clientId, secret)))).toEqual([401, 400]);

    await page.getByRole('link', { name: 'Edit app' }).click();
    await page.waitForURL('**/edit');
    await expectFinished(page);
    await page.getByLabel('Name').fill('');
    await page.getByLabel('Name').fill('Weather and Tides');
    await press('Save changes', 'Changes saved.');
    await page.getByRole('heading', { name: 'Weather and Tides' }).waitFor();

    await ageSignIns(walks());
    await press('Delete app', 'No one has given this app access now.');
    await press('Delete app', 'Confirm it’s you to delete the app.');
    await page.getByLabel('Password').fill(password);
    await press('Delete app', 'App deleted. All its access has ended.');
    expect(await tryClientSecret(clientId, second)).toBe(401);
    await walk.end();
  },
);

withChromium(
  'a developer copies example programs, which contain the addresses and the client ID of the app',
  async () => {
    const { issuer, resourceProxyUrl } = walks().deployment;
    const walk = await beginWalk(walks(), await createOwner(walks().deployment));
    const { page, open, press } = walk;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await open('/account/developer/clients/new');
    await page.getByLabel('Website with a server').check();
    await page.getByLabel('Name').fill('Weather Assistant');
    await page.getByLabel('Redirect addresses').fill('https://weather.example/callback');
    await press('Register an app', 'App registered.');
    const secret = await page.getByLabel('Client secret').inputValue();
    const clientId = (await page.locator('code.copyable').first().textContent()) ?? '';
    const languages = ['JavaScript', 'Python', 'Go', 'curl'];
    for (const language of languages) {
      const program = page.locator('details', { has: page.getByText(language, { exact: true }) });
      await program.locator('summary').click();
      await program.locator('pre').selectText();
      await page.keyboard.press('ControlOrMeta+C');
      const copied = await page.evaluate<string>('navigator.clipboard.readText()');
      for (const value of [issuer, resourceProxyUrl, clientId, 'weather.example', 'CLIENT_SECRET'])
        expect(copied).toContain(value);
      expect(copied).not.toContain(secret);
      await page.evaluate(`navigator.clipboard.writeText('')`);
      await program.getByRole('button', { name: 'Copy' }).click();
      await program.getByText('Copied.').waitFor();
      expect(await page.evaluate<string>('navigator.clipboard.readText()')).toContain(clientId);
    }
    await expectFinished(page);
    await walk.end();
  },
);
