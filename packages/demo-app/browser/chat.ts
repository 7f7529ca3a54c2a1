import type { ChatEvent, Explanation, LimitLine } from './chat-event.js';
import { readChatEvents } from './read-chat-events.js';

/** The chat page: sends a question, shows the answer while it arrives, and explains why there is no answer. */

const conversation = getElement('conversation', HTMLElement);
const empty = getElement('empty', HTMLElement);
const composer = document.getElementById('composer');
if (composer instanceof HTMLFormElement) startChat(composer);

function startChat(form: HTMLFormElement): void {
  const text = getElement('text', HTMLTextAreaElement);
  const model = getElement('model', HTMLSelectElement);
  const send = getElement('send', HTMLButtonElement);
  const stop = getElement('stop', HTMLButtonElement);
  let answering: AbortController | undefined;

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const question = text.value.trim();
    if (answering !== undefined || question === '') return;
    text.value = '';
    void answer(question);
  });
  text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  stop.addEventListener('click', () => answering?.abort());
  scrollToEnd();
  text.focus();

  async function answer(question: string): Promise<void> {
    const current = new AbortController();
    setAnswering(current);
    addMessage('user', question);
    const bubble = addMessage('assistant', '');
    bubble.setAttribute('aria-busy', 'true');
    let isOver = false;
    try {
      for await (const event of ask(question, current.signal)) {
        if (event.kind === 'refusal' && event.accessEnded) isOver = true;
        showEvent(event, bubble);
        scrollToEnd();
      }
    } catch {
      if (!current.signal.aborted) showRefusal(lostConnection);
    }
    bubble.removeAttribute('aria-busy');
    if (bubble.textContent === '') bubble.parentElement?.remove();
    setAnswering(undefined);
    if (isOver) removeWhatNeedsAccess();
    else text.focus();
    scrollToEnd();
  }

  async function* ask(question: string, signal: AbortSignal): AsyncGenerator<ChatEvent> {
    const response = await fetch(form.action, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: model.value, text: question }),
      signal,
    });
    if (!response.ok || response.body === null) throw new Error(`the server answered ${response.status}`);
    yield* readChatEvents(response.body);
  }

  function setAnswering(controller: AbortController | undefined): void {
    answering = controller;
    send.hidden = controller !== undefined;
    stop.hidden = controller === undefined;
  }
}

function removeWhatNeedsAccess(): void {
  for (const element of document.querySelectorAll('[data-while-connected]')) element.remove();
}

const lostConnection: Explanation = {
  title: 'The connection to this app was lost.',
  advice: 'Check that it is still running, and ask again.',
};

function showEvent(event: ChatEvent, bubble: HTMLElement): void {
  switch (event.kind) {
    case 'text':
      bubble.append(event.text);
      break;
    case 'refusal':
      showRefusal(event.explanation);
      break;
    case 'limits':
      event.limits.forEach(showLimit);
  }
}

function showLimit({ name, value }: LimitLine): void {
  const line = document.querySelector(`[data-limit="${name}"]`);
  if (line !== null) line.textContent = value;
}

/** Adds a message as text, so that an answer of a model cannot become markup. */
function addMessage(role: 'user' | 'assistant', text: string): HTMLElement {
  empty.hidden = true;
  const speaker = createElement('span', 'visually-hidden', role === 'user' ? 'You: ' : 'Answer: ');
  const content = createElement('div', 'text', text);
  const message = createElement('div', `message ${role}`);
  message.append(speaker, content);
  conversation.append(message);
  return content;
}

function showRefusal({ title, advice, link }: Explanation): void {
  const notice = createElement('div', 'notice');
  const words = createElement('p', '', `${advice} `);
  if (link !== undefined) {
    const anchor = document.createElement('a');
    anchor.href = link.href;
    anchor.textContent = link.label;
    if (anchor.origin !== location.origin) anchor.target = '_blank'; // the chat stays open
    words.append(anchor);
  }
  notice.append(createElement('strong', '', title), words);
  conversation.append(notice);
}

function createElement(tag: string, className: string, text = ''): HTMLElement {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  element.textContent = text;
  return element;
}

function scrollToEnd(): void {
  window.scrollTo({ top: document.body.scrollHeight });
}

function getElement<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`#${id} is missing`);
  return element;
}
