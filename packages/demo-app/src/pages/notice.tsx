import type { Explanation } from '../../browser/chat-event.js';

/** A message about what just happened, with a link for the next action of the reader if there is one. */
export function Notice({ title, advice, link }: Explanation) {
  return (
    <div class="notice" role="status">
      <strong>{title}</strong>
      <p>
        {advice}
        {link === undefined ? null : (
          <>
            {' '}
            <a href={link.href}>{link.label}</a>
          </>
        )}
      </p>
    </div>
  );
}
