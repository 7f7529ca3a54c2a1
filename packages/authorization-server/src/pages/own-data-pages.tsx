import type { OwnedClient } from '@aipassport/store/authorization';
import { paths } from '../endpoints.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { Confirmation } from './confirmation.js';
import { EmailField } from './email-field.js';
import { renderPage, type SignedIn } from './layout.js';
import { ErrorSummary, ForeignText, Notice, type Problem } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { Text, useTexts } from './text.js';

interface OwnDataPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  readonly problems: readonly Problem[];
}

interface ExportPageProps extends OwnDataPageProps {
  readonly notice: FixedId | undefined;
}

interface DeletionPageProps extends OwnDataPageProps {
  /** The apps that the account registered. */
  readonly ownApps: readonly Pick<OwnedClient, 'id' | 'name'>[];
  /** The e-mail address that was typed. */
  readonly email: string;
}

export function renderExportPage(props: ExportPageProps): string {
  const { stylesheet, texts, signedIn, csrfToken, notice, problems } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('ownData.exportTitle'),
    signedIn,
    children: (
      <>
        <BackToSettings />
        <h1>{texts('ownData.exportTitle')}</h1>
        {notice !== undefined && <Notice>{texts(notice)}</Notice>}
        <ErrorSummary problems={problems} />
        <article>
          <p>{texts('ownData.exportAbout')}</p>
          <form method="post" action={paths.accountExport}>
            <input type="hidden" name="csrf_token" value={csrfToken} />
            <Confirmation problems={problems} keepsForm={false} />
            <button type="submit">{texts('ownData.export')}</button>
          </form>
        </article>
      </>
    ),
  });
}

export function renderDeletionPage(props: DeletionPageProps): string {
  const { stylesheet, texts, signedIn, ownApps, problems } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('ownData.deleteTitle'),
    signedIn,
    children: (
      <>
        <BackToSettings />
        <h1>{texts('ownData.deleteTitle')}</h1>
        <ErrorSummary problems={problems} />
        <article>
          <p>
            <strong>{texts('ownData.deleteAbout')}</strong>
          </p>
          <h2>{texts('ownData.deleteNow')}</h2>
          <ul>
            <li>{texts('ownData.deleteAccess')}</li>
            {ownApps.length > 0 && <OwnApps apps={ownApps} />}
            <li>{texts('ownData.deleteKeys')}</li>
            <li>{texts('ownData.deleteSessions')}</li>
            <li>{texts('ownData.deleteRest')}</li>
            {signedIn.showsOperator && <li>{texts('ownData.deleteOperator')}</li>}
          </ul>
          <h2>{texts('ownData.staysTitle')}</h2>
          <p>{texts('ownData.stays')}</p>
          <p class="links">
            <a href={paths.accountExport}>{texts('ownData.exportTitle')}</a>
          </p>
          <DeletionForm {...props} />
        </article>
      </>
    ),
  });
}

/** The apps that the account registered, which other people may use. */
function OwnApps({ apps }: { readonly apps: DeletionPageProps['ownApps'] }) {
  return (
    <li>
      <Text id="ownData.deleteOwnApps" count={apps.length} />
      <ul>
        {apps.map(({ id, name }) => (
          <li key={id}>
            <ForeignText>{name}</ForeignText>
          </li>
        ))}
      </ul>
    </li>
  );
}

function DeletionForm({ texts, csrfToken, email, problems }: DeletionPageProps) {
  return (
    <form method="post" action={paths.accountDeletion} autocomplete="off">
      <input type="hidden" name="csrf_token" value={csrfToken} />
      <EmailField text="ownData.typeEmail" autocomplete="off" email={email} problems={problems} />
      <Confirmation problems={problems} />
      <button type="submit" class="danger">
        {texts('ownData.delete')}
      </button>
    </form>
  );
}

export function renderDeletedPage({ stylesheet, texts }: Pick<OwnDataPageProps, 'stylesheet' | 'texts'>): string {
  return renderPage({
    stylesheet,
    texts,
    title: texts('ownData.deletedTitle'),
    children: (
      <article class="narrow">
        <h1>{texts('ownData.deletedTitle')}</h1>
        <p>{texts('ownData.deleted')}</p>
      </article>
    ),
  });
}

function BackToSettings() {
  return (
    <p class="back">
      <a href={paths.settings}>{useTexts()('settings.title')}</a>
    </p>
  );
}
