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
          This app has no AI of its own and never sees an API key. It asks you for a pass: the models you pick, the
          requests and the money you allow, until you say stop.
        </p>
      </section>
      <form method="post" action="/connect" class="request">
        <button type="submit" class="primary">
          Connect your AI
        </button>
        <p class="hint">You decide on the next page, at AIPassport. Nothing is allowed before that.</p>
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
          <strong>Narrow and allow.</strong> There you untick, lower, shorten, and allow what is left.
        </li>
        <li>
          <strong>Chat.</strong> The app talks to the models by their official SDKs, within what you allowed.
        </li>
        <li>
          <strong>Stop.</strong> “Disconnect” here or “Remove access” there ends it at once, in the middle of an answer
          too.
        </li>
      </ol>
    </Layout>
  );
}
