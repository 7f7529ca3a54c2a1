import type { Explanation } from '../../browser/chat-event.js';
import { Layout } from './layout.js';
import { Notice } from './notice.js';
import { RequestFields } from './request-fields.js';

interface ConnectPageProps {
  readonly notice: Explanation | undefined;
}

/** The start page: the access that this app would like, and the button that asks for it. */
export function ConnectPage({ notice }: ConnectPageProps) {
  return (
    <Layout title="Connect your AI – Demo Chat">
      {notice === undefined ? null : <Notice {...notice} />}
      <section class="hero">
        <h1>A chat that runs on your own AI</h1>
        <p>
          This app has no AI of its own. It asks for access to yours, and never sees your API keys. You choose the
          models and the limits, and you can remove access anytime.
        </p>
      </section>
      <form method="post" action="/connect" class="request">
        <button type="submit" class="primary">
          Connect your AI
        </button>
        <p class="hint">You decide on the next page, at AIPassport. Until then, the app has no access.</p>
        <details>
          <summary>What this app asks for</summary>
          <RequestFields />
        </details>
      </form>
      <ol class="steps">
        <li>
          <strong>Ask.</strong> The button takes you to AIPassport with the request.
        </li>
        <li>
          <strong>Allow.</strong> There you can select fewer models, lower the limits, and then allow the rest.
        </li>
        <li>
          <strong>Chat.</strong> The app uses the AI providers’ official SDKs, within the limits you set.
        </li>
        <li>
          <strong>Stop.</strong> “Disconnect” here or “Remove access” there ends the access at once, even in the middle
          of an answer.
        </li>
      </ol>
    </Layout>
  );
}
