import {
  hasSpendingLimit,
  isUsdKind,
  type LimitKind,
  limitKinds,
  limitTable,
  noLimits,
  type UpstreamCatalogue,
} from '@aipassport/policy';
import type { AccountLimit, ListedGrant, OpenRequests } from '@aipassport/store/authorization';
import { limitField } from '../account/return-to.js';
import { formatPath, paths } from '../endpoints.js';
import type { DayRange, LifetimeChoice } from '../limits/lifetime-choices.js';
import type { LimitTexts } from '../limits/limit-texts.js';
import { limitWords } from '../limits/limit-words.js';
import type { ChosenExpiry } from '../limits/read-expiry.js';
import type { Texts } from '../texts/texts.js';
import { AllAppsLeft } from './all-apps.js';
import { AppName } from './app-name.js';
import { Confirmation } from './confirmation.js';
import { GrantUsage } from './grant-usage.js';
import { renderPage, type SignedIn } from './layout.js';
import { LifetimeFields } from './lifetime-fields.js';
import { LimitFields, LimitInput } from './limit-fields.js';
import { NoLimit } from './no-limit.js';
import type { PageScript } from './page-script.js';
import { ErrorSummary, FieldProblem, type Problem, Shown } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { TokenChoice } from './token-choice.js';

/**
 * The contents of the form's fields. At first they are the grant's limits. When the form is shown again, they are the
 * owner's values.
 */
export interface GrantLimitsFields extends ChosenExpiry {
  readonly tickedTokens: readonly string[];
  readonly limits: LimitTexts;
  readonly acceptsNoLimit: boolean;
}

interface GrantLimitsPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly script: PageScript;
  readonly csrfToken: string;
  readonly timeZone: string;
  readonly now: Date;
  readonly grant: ListedGrant;
  readonly open: readonly OpenRequests[];
  /** The limit on the spending of all apps together; undefined when there is none. */
  readonly accountLimit: AccountLimit | undefined;
  readonly upstreams: UpstreamCatalogue;
  /** The values of the grant that the form shows. `Shown` sends their hash with the form. */
  readonly shown: unknown;
  /** The names and values of further hidden fields: see `listShownTerms`. */
  readonly shownTerms: readonly (readonly [string, string])[];
  /** The only limit to show, because it is used up; undefined: everything can be changed. */
  readonly only: LimitKind | undefined;
  readonly lifetimes: readonly LifetimeChoice[];
  readonly days: DayRange;
  readonly fields: GrantLimitsFields;
  readonly problems: readonly Problem[];
}

export function renderGrantLimitsPage(props: GrantLimitsPageProps): string {
  const { stylesheet, texts, signedIn, script, csrfToken, grant, problems, only } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('connected.changeTitle'),
    signedIn,
    script,
    children: (
      <>
        <p class="back">
          <AppName app={grant} href={formatPath(paths.grant, grant.id)} />
        </p>
        <h1>{texts('connected.changeTitle')}</h1>
        <ErrorSummary problems={problems} />
        <article class="grant">
          <dl>
            <GrantUsage {...props} />
          </dl>
        </article>
        <article>
          <form method="post" action={formatPath(paths.grantLimits, grant.id)} noValidate>
            <input type="hidden" name="csrf_token" value={csrfToken} />
            <Shown values={props.shown} />
            {props.shownTerms.map(([name, value]) => (
              <input key={name} type="hidden" name={name} value={value} />
            ))}
            {only === undefined ? <AllFields {...props} /> : <OneField {...props} only={only} />}
            <AllAppsLeft accountLimit={props.accountLimit} />
            <Confirmation problems={problems} />
            <button type="submit">{texts('common.save')}</button>
          </form>
          {only !== undefined && (
            <p class="links">
              <a href={formatPath(paths.grantLimits, grant.id)}>{texts('connected.otherLimits')}</a>
            </p>
          )}
          <p class="aside">{texts('apps.limitsNote')}</p>
        </article>
      </>
    ),
  });
}

function AllFields(props: GrantLimitsPageProps) {
  const { texts, grant, fields, problems, upstreams } = props;
  const choice = { choosable: [], tickedTokens: fields.tickedTokens, servedUpstreams: [], upstreams, problems };
  const models = grant.tokens.filter(({ kind }) => kind !== 'capability');
  const capabilities = grant.tokens.filter(({ kind }) => kind === 'capability');
  return (
    <>
      <TokenChoice id="models" legend={texts('consent.models')} tokens={models} {...choice} />
      <TokenChoice id="capabilities" legend={texts('consent.capabilities')} tokens={capabilities} {...choice} />
      <LimitFields texts={fields.limits} asked={noLimits} problems={problems}>
        {hasSpendingLimit(grant.limits) && <NoLimit isAccepted={fields.acceptsNoLimit} problems={problems} />}
      </LimitFields>
      <LifetimeFields {...props} />
    </>
  );
}

/** One limit. The form also sends all other values, unchanged. */
function OneField({ texts, grant, fields, problems, only }: GrantLimitsPageProps & { readonly only: LimitKind }) {
  const { member } = limitTable[only];
  const others = limitKinds.filter((kind) => kind !== only);
  const isLastSpendingLimit = isUsdKind(only) && others.every((kind) => !isUsdKind(kind) || fields.limits[kind] === '');
  return (
    <>
      <input type="hidden" name={limitField} value={member} />
      {others.map((kind) => (
        <input key={kind} type="hidden" name={limitTable[kind].member} value={fields.limits[kind]} />
      ))}
      {grant.tokens.map(({ text }) => (
        <input key={text} type="hidden" name="scope" value={text} />
      ))}
      <input type="hidden" name="expires_in" value="unchanged" />
      <div class="limits">
        <label for={member}>{texts(limitWords[only].label)}</label>
        <LimitInput kind={only} text={fields.limits[only]} problems={problems} />
        <FieldProblem problems={problems} field={member} />
        {isLastSpendingLimit && <NoLimit isAccepted={fields.acceptsNoLimit} problems={problems} />}
      </div>
    </>
  );
}
