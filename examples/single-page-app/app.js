import { LimitReachedError } from '@aipassport/client';
import { BrowserClient, defineConnectButton } from '@aipassport/client/browser';
import OpenAI from 'openai';

const find = (id) => document.getElementById(id);
const say = (text) => {
  find('status').textContent = text;
};
/** Runs an action at each event. If it fails, the page says why. */
const on = (id, event, action) =>
  find(id).addEventListener(event, (occurred) => void action(occurred).catch((error) => say(error.message)));

defineConnectButton();
const { issuer, resourceProxyUrl, clientId } = await (await fetch('/settings.json')).json();
const redirectUri = `${location.origin}/`;
const ai = await BrowserClient.open({ issuer, resourceProxyUrl, clientId, redirectUri, keepsTokensIn: 'session' });

let reached;
let connection = await ai.resume().catch((error) => {
  say(error.message); // for instance: the owner did not allow access
  return ai.resume();
});
show();

on('connect', 'click', () =>
  ai.connect({
    scope: 'model:gpt-4o-mini cap:chat',
    limits: { maxRequests: 2, maxCostUsd: '1.00' },
    reason: 'To answer your questions.',
  }),
);
on('raise', 'click', () => ai.raise(connection, reached, { maxRequests: 10 }));
on('disconnect', 'click', async () => {
  await ai.disconnect(connection);
  end('Disconnected.');
});
on('chat', 'submit', async (event) => {
  event.preventDefault();
  find('answer').textContent = '';
  await answer(find('question').value).catch(explain);
});

async function answer(content) {
  const openai = new OpenAI({
    baseURL: `${resourceProxyUrl}/openai/v1`,
    apiKey: 'unused',
    fetch: connection.fetch,
    dangerouslyAllowBrowser: true, // there is no API key in this page
  });
  const messages = [{ role: 'user', content }];
  const stream = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages, stream: true });
  for await (const chunk of stream) find('answer').append(chunk.choices[0]?.delta.content ?? '');
  say('Connected.');
}

async function explain(error) {
  const reason = await connection.explain(error);
  if (reason?.code === 'access_revoked' || reason?.code === 'access_expired') return end(reason.message);
  if (reason instanceof LimitReachedError) {
    reached = reason;
    find('raise').hidden = false;
  }
  say((reason ?? error).message);
}

function end(text) {
  connection = undefined;
  show();
  say(text);
}

function show() {
  if (connection !== undefined) say('Connected.');
  else if (find('status').textContent === 'One moment…') say('This page has no AI of its own: it uses yours.');
  find('connect').hidden = connection !== undefined;
  for (const id of ['chat', 'disconnect']) find(id).hidden = connection === undefined;
  find('raise').hidden = true;
}
