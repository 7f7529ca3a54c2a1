import type { ClientIdentity } from '@aipassport/store/authorization';
import { describePlaces } from '../describe-destination.js';
import { ForeignText } from './parts.js';
import { useTexts } from './text.js';
import { VouchBadge } from './vouch-badge.js';

interface AppNameProps {
  /** undefined: the app was deleted. */
  readonly app: ClientIdentity | undefined;
  /** Where the name leads; undefined: it is no link. */
  readonly href?: string | undefined;
}

/**
 * The name of an app in a list or a table. Below the name are the app's hosts, and whether the operator vouches for the
 * app, because an app can choose any name.
 */
export function AppName({ app, href }: AppNameProps) {
  const texts = useTexts();
  const name = app === undefined ? texts('events.deletedApp') : <ForeignText>{app.clientName}</ForeignText>;
  return (
    <span class="app-name">
      {href === undefined ? name : <a href={href}>{name}</a>} {app !== undefined && <AppMark app={app} />}
    </span>
  );
}

function AppMark({ app: { isVouchedFor, redirectUris } }: { readonly app: ClientIdentity }) {
  const texts = useTexts();
  const place = describePlaces(redirectUris, texts);
  return (
    <small class={isVouchedFor ? undefined : 'unverified'}>
      <ForeignText>
        {isVouchedFor ? texts('apps.verifiedAt', { place }) : texts('apps.unverifiedAt', { place })}
      </ForeignText>
    </small>
  );
}

/** The same hosts and words, below the name of an app that is the heading of a page or of an entry in a list. */
export function AppOrigin({ app }: { readonly app: Omit<ClientIdentity, 'clientName'> }) {
  return (
    <div class="app-origin">
      <VouchBadge isVouchedFor={app.isVouchedFor} />
      <p>
        <ForeignText>{describePlaces(app.redirectUris, useTexts())}</ForeignText>
      </p>
    </div>
  );
}
