import { paths } from '../endpoints.js';
import { Confirmation } from './confirmation.js';
import { renderPage } from './layout.js';
import type { OperatorPageProps } from './operator-parts.js';
import { ErrorSummary, type Problem } from './parts.js';

interface OperatorClaimPageProps extends OperatorPageProps {
  readonly csrfToken: string;
  /** Whether the link still works. */
  readonly isOpen: boolean;
  readonly problems: readonly Problem[];
}

export function renderOperatorClaimPage(props: OperatorClaimPageProps): string {
  const { stylesheet, texts, signedIn, csrfToken, isOpen, problems } = props;
  const title = isOpen ? texts('operator.claimTitle') : texts('operator.claimOverTitle');
  return renderPage({
    stylesheet,
    texts,
    title,
    signedIn,
    children: (
      <article class="narrow">
        <h1>{title}</h1>
        {isOpen ? (
          <>
            <ErrorSummary problems={problems} />
            <p>{texts('operator.claimAbout', { email: signedIn.email })}</p>
            <form method="post" action={paths.operatorClaim}>
              <input type="hidden" name="csrf_token" value={csrfToken} />
              <Confirmation problems={problems} />
              <button type="submit">{texts('operator.claim')}</button>
            </form>
          </>
        ) : (
          <p>{texts('operator.claimOver')}</p>
        )}
      </article>
    ),
  });
}
