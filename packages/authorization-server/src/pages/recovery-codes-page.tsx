import type { RecoveryCodes } from '@aipassport/store/authorization';
import { paths } from '../endpoints.js';
import type { Texts } from '../texts/texts.js';
import { Confirmation } from './confirmation.js';
import { CopyButtons } from './copy-buttons.js';
import { renderPage, type SignedIn } from './layout.js';
import type { PageScript } from './page-script.js';
import { BackToSecurity, ErrorSummary, Notice, type Problem, Shown } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

interface RecoveryCodesPageProps extends RecoveryCodes {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  /** Copies the new codes; undefined when there are no new codes. */
  readonly script: PageScript | undefined;
  readonly csrfToken: string;
  /** SECRET: the new codes, in the form that people read. Empty if no codes were made. */
  readonly codes: readonly string[];
  /** The page that “Continue” opens; undefined when the owner came from a page of the account. */
  readonly nextPath?: string | undefined;
  readonly problems: readonly Problem[];
}

export function renderRecoveryCodesPage(props: RecoveryCodesPageProps): string {
  const { stylesheet, texts, signedIn, csrfToken, left, createdAt, areSaved, codes, nextPath, problems } = props;
  const isUnsure = left > 0 && !areSaved;
  return renderPage({
    stylesheet,
    texts,
    title: texts('recovery.title'),
    signedIn,
    script: props.script,
    children: (
      <>
        {nextPath === undefined && <BackToSecurity />}
        <h1>{texts('recovery.title')}</h1>
        <p>{texts('recovery.about')}</p>
        <ErrorSummary problems={problems} />
        {codes.length > 0 && <NewCodes codes={codes} texts={texts} />}
        {nextPath !== undefined && codes.length === 0 && (
          <p class="links">
            <a href={nextPath}>{texts('recovery.goOnWithout')}</a>
          </p>
        )}
        {nextPath !== undefined && codes.length > 0 && (
          <form method="post" action={paths.recoveryCodesSaved}>
            <input type="hidden" name="csrf_token" value={csrfToken} />
            <input type="hidden" name="return_to" value={nextPath} />
            <button type="submit">{texts('recovery.goOn')}</button>
          </form>
        )}
        {(nextPath === undefined || codes.length === 0) && (
          <article>
            <p>{texts('recovery.left', { count: left })}</p>
            {isUnsure && <p class="warning">{texts('recovery.unsaved')}</p>}
            <form method="post" action={paths.recoveryCodes}>
              <input type="hidden" name="csrf_token" value={csrfToken} />
              <Shown values={createdAt} />
              {nextPath !== undefined && <input type="hidden" name="return_to" value={nextPath} />}
              <Confirmation problems={problems} />
              <button type="submit" class={codes.length > 0 || nextPath !== undefined ? 'secondary' : undefined}>
                {texts(left === 0 ? 'recovery.create' : 'recovery.replace')}
              </button>
            </form>
            {left > 0 && <p class="aside">{texts('recovery.replaceNote')}</p>}
          </article>
        )}
      </>
    ),
  });
}

function NewCodes({ codes, texts }: Pick<RecoveryCodesPageProps, 'codes' | 'texts'>) {
  return (
    <>
      <Notice>{texts('recovery.created')}</Notice>
      <article>
        <p>{texts('recovery.keep')}</p>
        <ul class="recovery-codes" id="recovery-codes">
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ul>
        <CopyButtons of="recovery-codes" file="aipassport-recovery-codes.txt" />
      </article>
    </>
  );
}
