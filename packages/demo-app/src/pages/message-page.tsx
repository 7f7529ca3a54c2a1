import type { Explanation } from '../../browser/chat-event.js';
import { Layout } from './layout.js';
import { Notice } from './notice.js';

/** A page that only shows a message: not found, refused, or broken. */
export function MessagePage({ explanation }: { readonly explanation: Explanation }) {
  return (
    <Layout title={`${explanation.title} – Demo Chat`}>
      <h1 class="quiet">Demo Chat</h1>
      <Notice {...explanation} />
      <p>
        <a class="standalone-link" href="/">
          Back to the start
        </a>
      </p>
    </Layout>
  );
}
