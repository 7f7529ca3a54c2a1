import { signInPath } from '../account/return-to.js';
import { renderPage } from './layout.js';
import { ForeignText } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

type Reason = 'uninvited' | 'invitation_over' | 'off';

interface NoAccountPageProps {
  readonly stylesheet: Stylesheet;
  readonly reason: Reason;
  readonly returnTo: string;
  /** The app that the visitor is signing in for. */
  readonly clientName: string | undefined;
}

const texts: Readonly<Record<Reason, { readonly title: string; readonly message: string }>> = {
  uninvited: {
    title: 'You need an invitation',
    message:
      'New accounts on this server need an invitation. Ask the person who runs it, and open the link you get in this browser.',
  },
  invitation_over: {
    title: 'This invitation no longer works',
    message: 'It has expired, was withdrawn, or has already been used. Ask for a new one.',
  },
  off: {
    title: 'New accounts are closed',
    message: 'This server doesn’t accept new accounts. Ask the person who runs it to create one for you.',
  },
};

/** Explains why this visitor cannot make an account, and what to do instead. */
export function renderNoAccountPage({ stylesheet, reason, returnTo, clientName }: NoAccountPageProps): string {
  const { title, message } = texts[reason];
  return renderPage({
    stylesheet,
    title,
    children: (
      <article class="narrow">
        <h1>{title}</h1>
        <p>{message}</p>
        {clientName !== undefined && (
          <p>
            Once you have an account, return to{' '}
            <strong>
              <ForeignText>{clientName}</ForeignText>
            </strong>{' '}
            and connect again.
          </p>
        )}
        <p class="aside">
          Already have an account? <a href={signInPath(returnTo)}>Sign in</a>
        </p>
      </article>
    ),
  });
}
