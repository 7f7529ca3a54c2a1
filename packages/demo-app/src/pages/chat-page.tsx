import type { LimitLine } from '../../browser/chat-event.js';
import { chatLabel } from '../ai-request.js';
import { maxQuestionLength } from '../chat/read-question.js';
import type { ChatModel } from '../models.js';
import type { Message } from '../session/session.js';
import { Layout } from './layout.js';

interface ChatPageProps {
  readonly models: readonly ChatModel[];
  /** undefined before the first question. */
  readonly chosenModelId: string | undefined;
  readonly conversation: readonly Message[];
  /** undefined when the proxy did not report the limits. */
  readonly limits: readonly LimitLine[] | undefined;
  readonly isChatAllowed: boolean;
  /** The page where the owner can see and end this access. */
  readonly connectedAppsUrl: string;
  /** From `allowScript`. */
  readonly scriptNonce: string;
}

/** The chat page. Its script sends questions and shows answers as they arrive. */
export function ChatPage(props: ChatPageProps) {
  return (
    <Layout
      title="Chat – Demo Chat"
      script={{ path: '/assets/chat.js', nonce: props.scriptNonce }}
      actions={<DisconnectForm />}
    >
      <h1 class="visually-hidden">Chat</h1>
      <LimitsPanel limits={props.limits} connectedAppsUrl={props.connectedAppsUrl} />
      <div id="conversation" class="conversation" role="log" aria-label="Conversation" aria-live="polite">
        {props.conversation.map(({ role, text }, index) => (
          <MessageBubble key={index} role={role} text={text} />
        ))}
        <p id="empty" class="empty" hidden={props.conversation.length > 0}>
          You are connected. Ask something.
        </p>
      </div>
      <noscript>
        <p class="notice">Answers arrive piece by piece, which needs JavaScript. Turn it on for this page.</p>
      </noscript>
      {props.isChatAllowed && props.models.length > 0 ? <Composer {...props} /> : <NothingToAsk />}
    </Layout>
  );
}

function MessageBubble({ role, text }: Message) {
  return (
    <div class={`message ${role}`}>
      <span class="visually-hidden">{role === 'user' ? 'You: ' : 'Answer: '}</span>
      <div class="text">{text}</div>
    </div>
  );
}

function DisconnectForm() {
  return (
    <form method="post" action="/disconnect" data-while-connected>
      <button type="submit" class="secondary outline">
        Disconnect
      </button>
    </form>
  );
}

function LimitsPanel({
  limits,
  connectedAppsUrl,
}: {
  limits: readonly LimitLine[] | undefined;
  connectedAppsUrl: string;
}) {
  return (
    <section class="limits-panel" data-while-connected aria-label="What this app can still use">
      <dl id="limits">
        {(limits ?? unknownLimits).map(({ name, label, value }) => (
          <div key={name}>
            <dt>{label}</dt>
            <dd data-limit={name}>{value}</dd>
          </div>
        ))}
      </dl>
      <a class="standalone-link" href={connectedAppsUrl} target="_blank" rel="noopener">
        View or remove access at AIPassport
      </a>
    </section>
  );
}

const unknownLimits: readonly LimitLine[] = [
  { name: 'requests', label: 'Requests left', value: 'unknown right now' },
  { name: 'money', label: 'Left to spend', value: 'unknown right now' },
  { name: 'pace', label: 'Speed limit', value: 'unknown right now' },
  { name: 'until', label: 'Access ends', value: 'unknown right now' },
];

function Composer({ models, chosenModelId }: Pick<ChatPageProps, 'models' | 'chosenModelId'>) {
  return (
    <form id="composer" class="composer" data-while-connected method="post" action="/chat/answer">
      <label class="visually-hidden" for="text">
        Your question
      </label>
      <textarea id="text" name="text" rows={2} maxLength={maxQuestionLength} required placeholder="Ask something" />
      <div class="controls">
        <label class="model">
          <span>Model</span>
          <select id="model" name="model">
            {models.map(({ id }) => (
              <option key={id} value={id} selected={id === chosenModelId}>
                {id}
              </option>
            ))}
          </select>
        </label>
        <button id="stop" type="button" class="secondary" hidden>
          Stop
        </button>
        <button id="send" type="submit">
          Send
        </button>
      </div>
    </form>
  );
}

function NothingToAsk() {
  return (
    <div class="notice" role="status">
      <strong>This chat can’t use what you allowed.</strong>
      <p>It needs one of its models and “{chatLabel}”. Disconnect, then connect again and select both.</p>
    </div>
  );
}
