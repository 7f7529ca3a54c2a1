import { type ChosenNotice, chosenNotices } from '@aipassport/store/authorization';
import { paths } from '../endpoints.js';
import { noticeTexts } from '../mail/notice-texts.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { Confirmation } from './confirmation.js';
import { EmailField } from './email-field.js';
import { renderPage, type SignedIn } from './layout.js';
import { ErrorSummary, Notice, type Problem, Shown } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

interface EmailPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  /**
   * Whether this server sends e-mails. If it sends none, a new e-mail address is not confirmed, and the owner gets no
   * notices.
   */
  readonly sendsMail: boolean;
  readonly isConfirmed: boolean;
  readonly muted: readonly ChosenNotice[];
  /** The text in the field for a new e-mail address. */
  readonly newEmail: string;
  /** The notices that the owner wants to switch off; undefined unless the form for notices asks for a confirmation. */
  readonly chosen?: readonly ChosenNotice[] | undefined;
  readonly notice: FixedId | undefined;
  readonly problems: readonly Problem[];
}

export function renderEmailPage(props: EmailPageProps): string {
  const { stylesheet, texts, signedIn, notice, problems } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('email.title'),
    signedIn,
    children: (
      <>
        <p class="back">
          <a href={paths.settings}>{texts('settings.title')}</a>
        </p>
        <h1>{texts('email.title')}</h1>
        {notice !== undefined && <Notice>{texts(notice)}</Notice>}
        <ErrorSummary problems={problems} />
        <PresentEmail {...props} />
        <ChangeForm {...props} />
        {props.sendsMail && <NoticesForm {...props} />}
      </>
    ),
  });
}

function PresentEmail({ texts, signedIn, csrfToken, sendsMail, isConfirmed }: EmailPageProps) {
  return (
    <article>
      <h2>{texts('email.addressTitle')}</h2>
      <p>
        <strong>{signedIn.email}</strong>
        {sendsMail && ` · ${texts(isConfirmed ? 'email.confirmed' : 'email.unconfirmed')}`}
      </p>
      {sendsMail && !isConfirmed && (
        <form method="post" action={paths.emailLinkRequest}>
          <input type="hidden" name="csrf_token" value={csrfToken} />
          <p>{texts('email.unconfirmedAbout')}</p>
          <button type="submit">{texts('email.sendLink')}</button>
        </form>
      )}
    </article>
  );
}

function ChangeForm({ texts, signedIn, csrfToken, sendsMail, newEmail, chosen, problems }: EmailPageProps) {
  return (
    <article>
      <h2>{texts('email.changeTitle')}</h2>
      <p>{texts(sendsMail ? 'email.changeAbout' : 'email.changeAtOnce')}</p>
      <form method="post" action={paths.emailChange}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <Shown values={signedIn.email} />
        <EmailField text="email.new" autocomplete="email" email={newEmail} problems={problems} />
        {chosen === undefined && <Confirmation problems={problems} />}
        <button type="submit">{texts(sendsMail ? 'email.change' : 'email.replace')}</button>
      </form>
    </article>
  );
}

function NoticesForm({ texts, csrfToken, muted, chosen, problems }: EmailPageProps) {
  return (
    <article>
      <h2>{texts('email.noticesTitle')}</h2>
      <p>{texts('email.noticesAbout')}</p>
      <form method="post" action={paths.emailNotices}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <Shown values={muted} />
        <fieldset>
          <legend>{texts('email.noticesLegend')}</legend>
          {chosenNotices.map((kind) => (
            <div key={kind} class="choice">
              <label>
                <input type="checkbox" name="notices" value={kind} checked={!(chosen ?? muted).includes(kind)} />
                {texts(noticeTexts[kind])}
              </label>
            </div>
          ))}
        </fieldset>
        {chosen !== undefined && <Confirmation problems={problems} />}
        <button type="submit">{texts('email.noticesSave')}</button>
      </form>
    </article>
  );
}
