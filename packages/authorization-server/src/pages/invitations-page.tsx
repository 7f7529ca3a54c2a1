import type { Invitation } from '@aipassport/store/authorization';
import type { ListPage } from '../account/list-page.js';
import { formatPath, paths } from '../endpoints.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { Confirmation } from './confirmation.js';
import { DangerForm } from './danger-form.js';
import { renderPage, type SignedIn } from './layout.js';
import { PageLinks } from './page-links.js';
import type { PageScript } from './page-script.js';
import {
  described,
  ErrorSummary,
  FieldProblem,
  ForeignText,
  invalidity,
  Notice,
  type Problem,
  RelativeTime,
  TimeZoneNote,
} from './parts.js';
import { ShownOnce } from './shown-once.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';

interface InvitationsPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  /** Copies the new link; undefined when there is no new link. */
  readonly script: PageScript | undefined;
  readonly csrfToken: string;
  readonly timeZone: string;
  readonly now: Date;
  readonly invitations: ListPage<Invitation>;
  /** SECRET. The link of the invitation that was just made. It is shown only once. */
  readonly newLink: string | undefined;
  readonly notice: FixedId | undefined;
  /** The text in the note's field. */
  readonly note: string;
  /** The chosen lifetime, in seconds. */
  readonly expiresIn: string;
  readonly problems: readonly Problem[];
}

const lifetimes: readonly number[] = [86_400, 604_800, 2_592_000];

export function renderInvitationsPage(props: InvitationsPageProps): string {
  const { stylesheet, texts, signedIn, notice, newLink, problems, invitations, timeZone } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('invitations.title'),
    signedIn,
    script: props.script,
    children: (
      <>
        <h1>{texts('invitations.title')}</h1>
        <p>{texts('invitations.about')}</p>
        {notice !== undefined && <Notice>{texts(notice)}</Notice>}
        {newLink !== undefined && <NewLink link={newLink} texts={texts} />}
        <ErrorSummary problems={problems} />
        <InviteForm {...props} action={paths.invitations} />
        <article>
          <h2>{texts('invitations.listTitle')}</h2>
          {invitations.total === 0 ? (
            <p>{texts('invitations.empty')}</p>
          ) : (
            <ul class="keys">
              {invitations.entries.map((invitation) => (
                <Item key={invitation.id} invitation={invitation} {...props} />
              ))}
            </ul>
          )}
          <PageLinks list={invitations} path={paths.invitations} />
        </article>
        {invitations.total > 0 && <TimeZoneNote timeZone={timeZone} />}
      </>
    ),
  });
}

/** The link of a new invitation. */
export function NewLink({ link, texts }: { readonly link: string; readonly texts: Texts }) {
  return (
    <>
      <Notice>{texts('invitations.created')}</Notice>
      <ShownOnce id="new-link" text="invitations.link" note="invitations.linkNote" secret={link} rows={4} />
    </>
  );
}

interface InviteFormProps
  extends Pick<InvitationsPageProps, 'texts' | 'csrfToken' | 'note' | 'expiresIn' | 'problems'> {
  /** The path to which the form is sent. */
  readonly action: string;
}

export function InviteForm({ texts, csrfToken, note, expiresIn, problems, action }: InviteFormProps) {
  return (
    <article>
      <h2>{texts('invitations.inviteTitle')}</h2>
      <form method="post" action={action}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <label for="note">{texts('invitations.note')}</label>
        <input id="note" name="note" maxLength={100} value={note} autocomplete="off" {...described(problems, 'note')} />
        <FieldProblem problems={problems} field="note" />
        <small id="note-hint">{texts('invitations.noteHint')}</small>
        <label for="expires_in">{texts('invitations.validFor')}</label>
        <select id="expires_in" name="expires_in" required {...invalidity(problems, 'expires_in')}>
          {lifetimes.map((seconds) => (
            <option key={seconds} value={seconds} selected={String(seconds) === expiresIn}>
              {texts.duration(seconds)}
            </option>
          ))}
        </select>
        <FieldProblem problems={problems} field="expires_in" />
        <Confirmation problems={problems} />
        <button type="submit">{texts('invitations.create')}</button>
      </form>
    </article>
  );
}

function Item({
  invitation,
  texts,
  csrfToken,
  timeZone,
  now,
}: Pick<InvitationsPageProps, 'texts' | 'csrfToken' | 'timeZone' | 'now'> & { readonly invitation: Invitation }) {
  const { id, note, state } = invitation;
  const nameId = `invitation-${id}`;
  return (
    <li>
      <div>
        <strong id={nameId}>
          {note === undefined ? texts('invitations.noNote') : <ForeignText>{note}</ForeignText>}
        </strong>
        <p>
          <InvitationState invitation={invitation} timeZone={timeZone} now={now} />
        </p>
      </div>
      {state === 'open' && (
        <DangerForm action={formatPath(paths.invitationWithdrawal, id)} csrfToken={csrfToken} describedBy={nameId}>
          {texts('invitations.withdraw')}
        </DangerForm>
      )}
    </li>
  );
}

export function InvitationState({
  invitation,
  timeZone,
  now,
}: {
  readonly invitation: Invitation;
  readonly timeZone: string;
  readonly now: Date;
}) {
  const { state, usedBy = '', usedAt, expiresAt, createdAt } = invitation;
  const created = <RelativeTime at={createdAt} timeZone={timeZone} now={now} />;
  const expires = <RelativeTime at={expiresAt} timeZone={timeZone} now={now} />;
  switch (state) {
    case 'open':
      return <Text id="invitations.open" expires={expires} created={created} />;
    case 'expired':
      return <Text id="invitations.expired" expires={expires} created={created} />;
    case 'used': {
      const used = <RelativeTime at={usedAt ?? createdAt} timeZone={timeZone} now={now} />;
      return <Text id="invitations.used" email={usedBy} used={used} created={created} />;
    }
  }
}
