import { signInPath } from '../account/return-to.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { renderPage } from './layout.js';
import { ForeignText } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';

type Reason = 'uninvited' | 'invitation_over' | 'off';

interface NoAccountPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly reason: Reason;
  readonly returnTo: string;
  /** The app that the visitor is signing in for. */
  readonly clientName: string | undefined;
}

const words: Readonly<Record<Reason, { readonly title: FixedId; readonly message: FixedId }>> = {
  uninvited: { title: 'signIn.uninvitedTitle', message: 'signIn.uninvited' },
  invitation_over: { title: 'signIn.invitationOverTitle', message: 'signIn.invitationOver' },
  off: { title: 'signIn.closedTitle', message: 'signIn.closed' },
};

/** Explains why this visitor cannot make an account, and what to do instead. */
export function renderNoAccountPage({ stylesheet, texts, reason, returnTo, clientName }: NoAccountPageProps): string {
  const { title, message } = words[reason];
  return renderPage({
    stylesheet,
    texts,
    title: texts(title),
    children: (
      <article class="narrow">
        <h1>{texts(title)}</h1>
        <p>{texts(message)}</p>
        {clientName !== undefined && (
          <p>
            <Text id="signIn.returnToApp" name={<ForeignText>{clientName}</ForeignText>} app={<strong />} />
          </p>
        )}
        <p class="aside">
          <Text id="signIn.haveAccount" link={<a href={signInPath(returnTo)} />} />
        </p>
      </article>
    ),
  });
}
