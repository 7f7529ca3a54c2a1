import { noLimits } from '@aipassport/policy';
import type { Grant, OpenRequests } from '@aipassport/store/authorization';
import { formatPath, paths } from '../endpoints.js';
import type { DayRange, LifetimeChoice } from '../limits/lifetime-choices.js';
import type { LimitTexts } from '../limits/limit-texts.js';
import type { ChosenExpiry } from '../limits/read-expiry.js';
import type { Texts } from '../texts/texts.js';
import { Confirmation } from './confirmation.js';
import { GrantUsage } from './grant-usage.js';
import { renderPage, type SignedIn } from './layout.js';
import { LifetimeFields } from './lifetime-fields.js';
import { LimitFields } from './limit-fields.js';
import { ErrorSummary, ForeignText, type Problem } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

/**
 * The contents of the form's fields. At first they are the grant's limits. When the form is shown again, they are the
 * owner's values.
 */
export interface GrantLimitsFields extends ChosenExpiry {
  readonly limits: LimitTexts;
}

interface GrantLimitsPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  readonly timeZone: string;
  readonly now: Date;
  readonly grant: Grant;
  readonly open: readonly OpenRequests[];
  readonly clientName: string;
  readonly lifetimes: readonly LifetimeChoice[];
  readonly days: DayRange;
  readonly fields: GrantLimitsFields;
  readonly problems: readonly Problem[];
}

export function renderGrantLimitsPage(props: GrantLimitsPageProps): string {
  const { stylesheet, texts, signedIn, csrfToken, grant, clientName, fields, problems } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('apps.limitsTitle'),
    signedIn,
    children: (
      <>
        <p class="back">
          <a href={formatPath(paths.grant, grant.id)}>
            <ForeignText>{clientName}</ForeignText>
          </a>
        </p>
        <h1>{texts('apps.limitsTitle')}</h1>
        <ErrorSummary problems={problems} />
        <article class="grant">
          <dl>
            <GrantUsage {...props} />
          </dl>
        </article>
        <article>
          <form method="post" action={formatPath(paths.grantLimits, grant.id)} noValidate>
            <input type="hidden" name="csrf_token" value={csrfToken} />
            <LimitFields texts={fields.limits} asked={noLimits} problems={problems} />
            <LifetimeFields {...props} />
            <Confirmation problems={problems} />
            <button type="submit">{texts('common.save')}</button>
          </form>
          <p class="aside">{texts('apps.limitsNote')}</p>
        </article>
      </>
    ),
  });
}
