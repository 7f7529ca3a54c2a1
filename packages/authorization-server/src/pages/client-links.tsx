import type { ClientLink } from '../interaction/client-links.js';
import { ForeignText } from './parts.js';
import { Text } from './text.js';

/**
 * Links to the app's own pages. They open in a new tab, so that the owner's choices are kept, and send no Referer
 * header.
 */
export function ClientLinks({ links }: { readonly links: readonly ClientLink[] }) {
  if (links.length === 0) return null;
  return (
    <div class="client-links">
      <p>
        <Text id="consent.links" />
      </p>
      <ul>
        {links.map(({ title, url, host }) => (
          <li key={title}>
            <Text
              id="consent.linkAt"
              link={
                <a href={url} target="_blank" rel="noopener noreferrer" referrerpolicy="no-referrer">
                  <Text id={title} />
                </a>
              }
              host={<ForeignText>{host}</ForeignText>}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}
