import { paths } from '../endpoints.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { CarryButton } from './carry-button.js';
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
  /** The e-mail address that the visitor typed on the sign-in page; empty without one. */
  readonly email: string;
  readonly carryEmailToken: string;
  /** The name or host of the app that the visitor is signing in for. */
  readonly appName: string | undefined;
}

const words: Readonly<Record<Reason, { readonly title: FixedId; readonly message: FixedId }>> = {
  uninvited: { title: 'signIn.uninvitedTitle', message: 'signIn.uninvited' },
  invitation_over: { title: 'signIn.invitationOverTitle', message: 'signIn.invitationOver' },
  off: { title: 'signIn.closedTitle', message: 'signIn.closed' },
};

/** Explains why this visitor cannot make an account, and what to do instead. */
export function renderNoAccountPage(props: NoAccountPageProps): string {
  const { stylesheet, texts, reason, returnTo, email, carryEmailToken, appName } = props;
  const { title, message } = words[reason];
  return renderPage({
    stylesheet,
    texts,
    title: texts(title),
    children: (
      <article class="narrow">
        <h1>{texts(title)}</h1>
        <p>{texts(message)}</p>
        {appName !== undefined && (
          <p>
            <Text id="signIn.returnToApp" name={<ForeignText>{appName}</ForeignText>} app={<strong />} />
          </p>
        )}
        <form id="visitor" method="post" action={paths.signIn} class="aside">
          <input type="hidden" name="return_to" value={returnTo} />
          <input type="hidden" name="email" value={email} />
          <Text
            id="signIn.haveAccount"
            link={<CarryButton form="visitor" to={paths.signIn} token={carryEmailToken} />}
          />
        </form>
      </article>
    ),
  });
}
