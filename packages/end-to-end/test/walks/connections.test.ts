import { expect } from '@jest/globals';
import { chatStatus, postChat, smallChat } from '../harness/chat.js';
import { ClientApp } from '../harness/client-app.js';
import { connect, createOwner } from '../harness/connect.js';
import { expectFinished } from '../harness/expect-finished.js';
import { answerChat, streamForever } from '../harness/recording-upstream.js';
import { openStaticOrigin } from '../harness/static-origin.js';
import { withChromium } from '../harness/use-browser.js';
import { beginWalk, useWalks } from '../harness/use-walks.js';
import { waitUntil } from '../harness/wait-until.js';
import { watchStream } from '../harness/watch-stream.js';

const walks = useWalks();

withChromium(
  'an app that was connected three times is one entry, and removing its access during an answer ends all three',
  async () => {
    const { deployment, upstream } = walks();
    const proxyUrl = deployment.resourceProxyUrl;
    const owner = await createOwner(deployment);
    const client = await ClientApp.register(deployment, { name: 'Recipe Helper' });
    const accessTokens: string[] = [];
    for (const _time of ['first', 'second', 'third'])
      accessTokens.push((await connect(deployment, { owner, client })).accessToken);
    const walk = await beginWalk(walks(), owner);
    const { page, open, press } = walk;
    await open('/account/apps');
    const entry = page.getByRole('link', { name: 'Recipe Helper' });
    expect(await entry.count()).toBe(1);
    await entry.click();
    await page.getByText('This app is connected 3 times').waitFor();

    upstream.behaviour = streamForever(20);
    const stream = watchStream(await postChat(proxyUrl, accessTokens[1] ?? '', { ...smallChat, stream: true }));
    await stream.begun;
    upstream.behaviour = answerChat;
    await press('Remove access', 'Ended: 3 connections, 6 sign-ins of the app, 1 answer in progress.');
    const { text, isBroken } = await stream.ended;
    expect(text).not.toContain('[DONE]');
    expect(isBroken || text.includes('"error"')).toBe(true);
    await waitUntil(() => upstream.open.size === 0, 'the connection to the AI provider has been closed');
    for (const accessToken of accessTokens) expect(await chatStatus(proxyUrl, accessToken)).toBe(401);
    await page.getByText('Past access (3)').waitFor();
    await walk.end();
  },
);

withChromium(
  'a double click on Allow gives access once and leads to the app, and the back button leads to a page that says so',
  async () => {
    const home = await openStaticOrigin();
    const client = await ClientApp.register(walks().deployment, { redirectUri: `${home.origin}/callback` });
    const walk = await beginWalk(walks(), await createOwner(walks().deployment));
    const { page, open } = walk;
    const authorization = await client.beginAuthorization('model:gpt-4o-mini cap:chat');
    await open(authorization.url.href);
    await page.getByRole('button', { name: /^Allow/ }).dblclick();
    await page.waitForURL(`${home.origin}/callback?code=**`);
    const { access_token } = await client.finishAuthorization(authorization, new URL(page.url()));
    expect(await chatStatus(walks().deployment.resourceProxyUrl, access_token)).toBe(200);
    const grants = walks().deployment.db.selectFrom('grants').select('id');
    expect(await grants.where('client_id', '=', client.clientId).execute()).toHaveLength(1);

    await page.goBack();
    await page.getByRole('heading', { name: 'You’ve already decided' }).waitFor();
    await expectFinished(page);
    await page.getByText('You’ve already allowed this request').waitFor();
    await page.getByRole('link', { name: 'View or change its access' }).click();
    await page.waitForURL('**/account/grants/**');
    await walk.end();
    await home.close();
  },
);
