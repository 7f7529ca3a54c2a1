import type { ListedGrant } from '@aipassport/store/authorization';
import { formatPath, paths } from '../endpoints.js';
import { AppName } from './app-name.js';
import { renderPage, type SignedIn } from './layout.js';
import { MonthlyLimit, type MonthlyLimitProps } from './monthly-limit.js';
import { ErrorSummary } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

interface AccountLimitPageProps extends Omit<MonthlyLimitProps, 'grantId'> {
  readonly stylesheet: Stylesheet;
  readonly signedIn: SignedIn;
  /** The grant of the app from which the owner comes. */
  readonly grant: ListedGrant;
}

/** The page for an owner whose app was refused because of the limit on the spending of all apps together. */
export function renderAccountLimitPage(props: AccountLimitPageProps): string {
  const { stylesheet, texts, signedIn, grant, problems } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('settings.limitTitle'),
    signedIn,
    children: (
      <>
        <p class="back">
          <AppName app={grant} href={formatPath(paths.grant, grant.id)} />
        </p>
        <h1>{texts('settings.limitTitle')}</h1>
        <ErrorSummary problems={problems} />
        <article>
          <MonthlyLimit {...props} grantId={grant.id} />
        </article>
      </>
    ),
  });
}
