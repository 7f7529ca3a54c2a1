import { formatUserCode } from '../device/user-codes.js';
import type { ClientLink } from '../interaction/client-links.js';
import type { AppDescription } from '../interaction/describe-app.js';
import type { Destination } from '../oidc/interactions.js';
import { AppHead } from './app-head.js';
import { ClientLinks } from './client-links.js';
import { ForeignText } from './parts.js';
import { Text, useTexts } from './text.js';
import { VouchBadge } from './vouch-badge.js';

export interface IntroductionProps extends AppDescription {
  readonly destination: Destination;
  readonly links: readonly ClientLink[];
  /** The path of the client's logo; undefined when there is none to show. */
  readonly logo: string | undefined;
  /** The heading. */
  readonly wish: 'consent.wish' | 'consent.wishReplace' | 'consent.wishMore';
  /** Why the client asks, in its own words. */
  readonly reason: string | undefined;
}

/**
 * Shows which app asks, and why. An app that the operator does not vouch for can choose any name, so the heading shows
 * the place of such an app instead: its host, or words for an app that runs on the owner's device.
 */
export function Introduction(props: IntroductionProps) {
  const { destination, isVouchedFor, links, logo, wish, reason } = props;
  return (
    <>
      <AppHead logo={logo}>
        <h1>
          <Text id={wish} app={<AppName {...props} />} />
        </h1>
      </AppHead>
      <div class="app">
        <VouchBadge isVouchedFor={isVouchedFor} />
        <Origin {...props} />
      </div>
      {destination.kind === 'terminal' && <TerminalWarning userCode={destination.userCode} />}
      <ClientLinks links={links} />
      {reason !== undefined && (
        <blockquote class="reason">
          <Text id="consent.message" reason={<ForeignText>{reason}</ForeignText>} />
        </blockquote>
      )}
    </>
  );
}

function AppName({ clientName, isVouchedFor, place }: AppDescription) {
  const texts = useTexts();
  if (isVouchedFor) return <ForeignText>{clientName}</ForeignText>;
  return place.kind === 'web' ? <ForeignText>{place.host}</ForeignText> : <>{texts.say(place.words)}</>;
}

/** The facts about the app below the heading. */
function Origin({ clientName, isVouchedFor, place, identifierHost, destination }: IntroductionProps) {
  return (
    <p class="origin">
      {!isVouchedFor && (
        <>
          <Text id="consent.callsItself" name={<ForeignText>{clientName}</ForeignText>} />{' '}
        </>
      )}
      {identifierHost !== undefined && (
        <>
          <Text id="consent.publishedBy" host={<ForeignText>{identifierHost}</ForeignText>} />{' '}
        </>
      )}
      {isVouchedFor && destination.kind === 'redirect' && (
        <Text
          id={place.kind === 'web' ? 'consent.returnTo' : 'consent.returnToDevice'}
          place={
            <strong>
              <ForeignText>{place.kind === 'web' ? place.host : clientName}</ForeignText>
            </strong>
          }
        />
      )}
      {!isVouchedFor && destination.kind === 'redirect' && (
        <Text id={place.kind === 'web' ? 'consent.unverified' : 'consent.unverifiedLocal'} />
      )}
    </p>
  );
}

/** RFC 8628 section 5.4: the owner must be able to tell their own terminal from another person's. */
function TerminalWarning({ userCode }: { readonly userCode: string }) {
  return (
    <div class="destination">
      <p>
        <Text id="consent.terminal" code={<strong class="user-code">{formatUserCode(userCode)}</strong>} />
      </p>
      <p class="warning">
        <Text id="consent.terminalWarning" />
      </p>
    </div>
  );
}
