import { expect, it } from '@jest/globals';
import { renderToString } from 'preact-render-to-string';
import { chatModels } from '../src/models.js';
import { ChatPage } from '../src/pages/chat-page.js';
import { MessagePage } from '../src/pages/message-page.js';

const props = {
  models: chatModels.slice(0, 1),
  chosenModelId: undefined,
  conversation: [],
  limits: undefined,
  isChatAllowed: true,
  connectedAppsUrl: 'http://localhost:4000/account/apps',
  scriptNonce: 'nonce',
};

it('escapes text from people and models', () => {
  const page = renderToString(
    <ChatPage {...props} conversation={[{ role: 'assistant', text: '<img src=x onerror=alert(1)>' }]} />,
  );
  expect(page).toContain('&lt;img src=x');
  expect(page).not.toContain('<img');
});

it('escapes the text of an error', () => {
  const page = renderToString(<MessagePage explanation={{ title: '<script>', advice: '"><script>' }} />);
  expect(page).not.toContain('<script');
});

it('offers only the models that were allowed', () => {
  const page = renderToString(<ChatPage {...props} />);
  expect(page.match(/<option/g)).toHaveLength(1);
});

it('has no field for a question when chat was not allowed', () => {
  const page = renderToString(<ChatPage {...props} isChatAllowed={false} />);
  expect(page).not.toContain('<textarea');
  expect(page).toContain('This chat can’t use what you allowed.');
});
