import type { CreationState } from '../account/account-creation-state.js';
import { createAccountPath, signInPath } from '../account/return-to.js';
import { paths } from '../endpoints.js';
import { renderPage } from './layout.js';
import { ErrorSummary, FieldProblem, ForeignText, invalidity, PasswordField, type Problem } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

export interface CredentialsPageProps {
  readonly stylesheet: Stylesheet;
  readonly csrfToken: string;
  readonly returnTo: string;
  readonly email: string;
  /** The app that waits for this sign-in. */
  readonly clientName: string | undefined;
  readonly problems: readonly Problem[];
}

interface SignInPageProps extends CredentialsPageProps {
  readonly again: boolean;
  /** Whether this browser may make an account. */
  readonly creation: CreationState['kind'];
}

export function renderSignInPage(props: SignInPageProps): string {
  const { stylesheet, csrfToken, returnTo, email, clientName, problems, again, creation } = props;
  return renderPage({
    stylesheet,
    title: 'Sign in',
    children: (
      <article class="narrow">
        <h1>{again ? 'Confirm that it is you' : 'Sign in'}</h1>
        <Reason clientName={clientName} />
        <ErrorSummary problems={problems} />
        <form method="post" action={paths.signIn}>
          <input type="hidden" name="csrf_token" value={csrfToken} />
          <input type="hidden" name="return_to" value={returnTo} />
          <EmailField email={email} problems={problems} />
          <PasswordField isRequired />
          <button type="submit">Sign in</button>
        </form>
        {!again && <NewHere creation={creation} returnTo={returnTo} />}
      </article>
    ),
  });
}

function NewHere({ creation, returnTo }: Pick<SignInPageProps, 'creation' | 'returnTo'>) {
  switch (creation) {
    case 'open':
    case 'invited':
      return (
        <p class="aside">
          New here? <a href={createAccountPath(returnTo)}>Create an account</a>
        </p>
      );
    case 'off':
      return <p class="aside">New here? This server doesn’t accept new accounts. Ask the person who runs it.</p>;
    case 'uninvited':
    case 'invitation_over':
      return (
        <p class="aside">
          New here? <a href={createAccountPath(returnTo)}>You need an invitation</a>
        </p>
      );
  }
}

export function renderCreateAccountPage(props: CredentialsPageProps): string {
  const { stylesheet, csrfToken, returnTo, email, clientName, problems } = props;
  return renderPage({
    stylesheet,
    title: 'Create an account',
    children: (
      <article class="narrow">
        <h1>Create an account</h1>
        <Reason clientName={clientName} />
        <ErrorSummary problems={problems} />
        <form method="post" action={paths.createAccount}>
          <input type="hidden" name="csrf_token" value={csrfToken} />
          <input type="hidden" name="return_to" value={returnTo} />
          <EmailField email={email} problems={problems} />
          <label for="password">Password</label>
          <input
            id="password"
            name="password"
            type="password"
            autocomplete="new-password"
            minLength={8}
            maxLength={256}
            required
            {...invalidity(problems, 'password')}
          />
          <FieldProblem problems={problems} field="password" />
          <small>At least 8 characters. 15 or more, or a few unrelated words, are much better.</small>
          <button type="submit">Create account</button>
        </form>
        <p class="aside">
          You have one already? <a href={signInPath(returnTo)}>Sign in</a>
        </p>
      </article>
    ),
  });
}

function Reason({ clientName }: { readonly clientName: string | undefined }) {
  if (clientName === undefined) return <p>Your keys stay here; apps get a passport that you can take back.</p>;
  return (
    <p>
      to decide what{' '}
      <strong>
        <ForeignText>{clientName}</ForeignText>
      </strong>{' '}
      may do with your AI.
    </p>
  );
}

function EmailField({ email, problems }: Pick<CredentialsPageProps, 'email' | 'problems'>) {
  return (
    <>
      <label for="email">Email</label>
      <input
        id="email"
        name="email"
        type="email"
        autocomplete="username"
        maxLength={254}
        value={email}
        required
        {...invalidity(problems, 'email')}
      />
      <FieldProblem problems={problems} field="email" />
    </>
  );
}
