import { expect } from '@jest/globals';
import { createAccount } from '../harness/create-account.js';
import { useBrowserStart, withChromium } from '../harness/use-browser.js';
import { beginWalk } from '../harness/use-walks.js';

const running = useBrowserStart();

withChromium(
  'the link that `npm start` prints makes the first account that opens it an operator, and no other',
  async () => {
    const { start, browser } = running();
    const walks = { browser, deployment: start };
    const link = /https?:\S+\/operator\/claim\S+/.exec(start.output)?.[0] ?? '';
    const walk = await beginWalk(walks);
    await walk.open(link);
    await createAccount(walk.page, 'first@example.org');
    await walk.page.getByText('The account first@example.org will be able to manage the accounts and apps').waitFor();
    expect(walk.page.url()).not.toContain('code');
    await walk.press('Become an operator', 'This server can answer requests.');
    await walk.follow('Accounts');
    await walk.page.getByRole('row', { name: 'first@example.org' }).waitFor();
    await walk.end();

    const other = await beginWalk(walks);
    await other.open(link);
    await createAccount(other.page, 'second@example.org');
    await other.page.getByText('It has expired or was used already.').waitFor();
    await other.follow('Overview');
    expect(await other.page.getByRole('link', { name: 'Operator', exact: true }).count()).toBe(0);
    await other.open('/operator');
    await other.page.getByRole('heading', { name: 'Page not found' }).waitFor();
    await other.follow('Connected apps');
    await other.end();
  },
);
