import type { Invitation } from '@aipassport/store/authorization';
import { formatPath, paths } from '../endpoints.js';
import { renderPage, type SignedIn } from './layout.js';
import { ErrorSummary, FieldProblem, invalidity, Notice, type Problem, Time, TimeZoneNote } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

interface InvitationsPageProps {
  readonly stylesheet: Stylesheet;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  readonly timeZone: string;
  readonly invitations: readonly Invitation[];
  /** SECRET. The link of the invitation that was just made. It is shown only once. */
  readonly newLink: string | undefined;
  readonly notice: string | undefined;
  /** The text in the note's field. */
  readonly note: string;
  /** The address to sign in again before inviting; undefined when the last sign-in is recent. */
  readonly signInAgainPath: string | undefined;
  readonly problems: readonly Problem[];
}

export function renderInvitationsPage(props: InvitationsPageProps): string {
  const { stylesheet, signedIn, notice, newLink, problems, signInAgainPath, invitations, timeZone } = props;
  return renderPage({
    stylesheet,
    title: 'Invitations',
    signedIn,
    children: (
      <>
        <h1>Invitations</h1>
        <p>New accounts on this server need an invitation. Each invitation works for one account.</p>
        {notice !== undefined && <Notice>{notice}</Notice>}
        {newLink !== undefined && <NewLink link={newLink} />}
        <ErrorSummary problems={problems} />
        {signInAgainPath === undefined ? <InviteForm {...props} /> : <SignInAgain path={signInAgainPath} />}
        <article>
          <h2>Your invitations</h2>
          {invitations.length === 0 ? (
            <p>No invitations yet. Invitations you create will appear here.</p>
          ) : (
            <ul class="keys">
              {invitations.map((invitation) => (
                <Item key={invitation.id} invitation={invitation} {...props} />
              ))}
            </ul>
          )}
        </article>
        {invitations.length > 0 && <TimeZoneNote timeZone={timeZone} />}
      </>
    ),
  });
}

function NewLink({ link }: { readonly link: string }) {
  return (
    <>
      <Notice>Invitation created.</Notice>
      <article class="new-link">
        <label for="new-link">Invitation link</label>
        <textarea id="new-link" rows={4} readOnly spellcheck={false} aria-describedby="new-link-note" value={link} />
        <small id="new-link-note">
          Send it to one person. It’s shown only once, and anyone who has it can create an account.
        </small>
      </article>
    </>
  );
}

function InviteForm({ csrfToken, note, problems }: InvitationsPageProps) {
  return (
    <article>
      <h2>Invite someone</h2>
      <form method="post" action={paths.invitations}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <label for="note">Note (optional)</label>
        <input
          id="note"
          name="note"
          maxLength={100}
          value={note}
          autocomplete="off"
          {...invalidity(problems, 'note')}
        />
        <FieldProblem problems={problems} field="note" />
        <small>For example who it is for. Only you and the person who runs this server see it.</small>
        <label for="expires_in">Valid for</label>
        <select id="expires_in" name="expires_in" required {...invalidity(problems, 'expires_in')}>
          <option value="86400">1 day</option>
          <option value="604800" selected>
            7 days
          </option>
          <option value="2592000">30 days</option>
        </select>
        <FieldProblem problems={problems} field="expires_in" />
        <button type="submit">Create invitation</button>
      </form>
    </article>
  );
}

function SignInAgain({ path }: { readonly path: string }) {
  return (
    <article>
      <p>You signed in a while ago. Before you invite someone, confirm that it is still you.</p>
      <a role="button" href={path}>
        Confirm with your password
      </a>
    </article>
  );
}

function Item({
  invitation,
  csrfToken,
  timeZone,
}: Pick<InvitationsPageProps, 'csrfToken' | 'timeZone'> & { readonly invitation: Invitation }) {
  const { id, note, state } = invitation;
  const nameId = `invitation-${id}`;
  return (
    <li>
      <div>
        <strong id={nameId}>{note ?? 'No note'}</strong>
        <p>
          <State invitation={invitation} timeZone={timeZone} /> Created{' '}
          <Time at={invitation.createdAt} timeZone={timeZone} />.
        </p>
      </div>
      {state === 'open' && (
        <form method="post" action={formatPath(paths.invitationWithdrawal, id)}>
          <input type="hidden" name="csrf_token" value={csrfToken} />
          <button type="submit" class="danger" aria-describedby={nameId}>
            Withdraw
          </button>
        </form>
      )}
    </li>
  );
}

function State({ invitation, timeZone }: { readonly invitation: Invitation; readonly timeZone: string }) {
  const { state, usedBy, usedAt, expiresAt } = invitation;
  switch (state) {
    case 'open':
      return (
        <>
          Not used yet. Expires <Time at={expiresAt} timeZone={timeZone} />.
        </>
      );
    case 'expired':
      return (
        <>
          Expired <Time at={expiresAt} timeZone={timeZone} />.
        </>
      );
    case 'used':
      return (
        <>
          Used by {usedBy}
          {usedAt !== undefined && (
            <>
              , <Time at={usedAt} timeZone={timeZone} />
            </>
          )}
          .
        </>
      );
  }
}
