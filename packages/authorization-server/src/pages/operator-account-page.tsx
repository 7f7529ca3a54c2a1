import type { UpstreamCatalogue } from '@aipassport/policy';
import type {
  AccountLimit,
  AccountStanding,
  ListedGrant,
  OperatorSpending,
  UsageSummary,
} from '@aipassport/store/authorization';
import type { ComponentChildren } from 'preact';
import { formatPath, paths } from '../endpoints.js';
import { exactly, type FixedId } from '../texts/texts.js';
import { AppName } from './app-name.js';
import { Confirmation } from './confirmation.js';
import { renderPage } from './layout.js';
import { CapField, CapUse } from './operator-caps.js';
import { ChangeLink, OperatorNavigation, type OperatorPageProps, OperatorTable } from './operator-parts.js';
import { MonthUsage, OverviewFigures, UsageBars } from './overview-usage.js';
import type { PageScript } from './page-script.js';
import { ErrorSummary, Notice, type Problem, RelativeTime, Shown, TimeZoneNote } from './parts.js';
import { ShownOnce } from './shown-once.js';
import { Text } from './text.js';
import { listRows } from './usage-charts.js';

interface OperatorAccountPageProps extends OperatorPageProps {
  readonly csrfToken: string;
  readonly timeZone: string;
  readonly now: Date;
  readonly account: AccountStanding;
  /** Whether it is the operator's own account. */
  readonly isOwn: boolean;
  /** The present day in the account's time zone, as `YYYY-MM-DD`. */
  readonly today: string;
  /** The usage of the month of `today`. */
  readonly usage: UsageSummary;
  readonly accountLimit: AccountLimit | undefined;
  readonly grants: readonly ListedGrant[];
  /** What this account has spent with the operator's keys. */
  readonly spending: OperatorSpending;
  /** The account's own cap. */
  readonly cap: bigint | undefined;
  /** The cap of each account that has no cap of its own. */
  readonly capOfEach: bigint | undefined;
  /** The cap that the environment sets for each account. */
  readonly bound: bigint | undefined;
  /** The stored cap, as text. */
  readonly currentCap: string;
  /** The cap that the form field shows: the stored cap, or what the operator has typed. */
  readonly capText: string;
  /** SECRET. The link that was just made. It is shown only once. */
  readonly newLink?: string | undefined;
  /** Copies the new link; undefined when there is no new link. */
  readonly script: PageScript | undefined;
  readonly upstreams: UpstreamCatalogue;
  readonly notice: FixedId | undefined;
  /** The form that asks for the password. */
  readonly confirms?: 'cap' | 'reset';
  readonly problems: readonly Problem[];
}

export function renderOperatorAccountPage(props: OperatorAccountPageProps): string {
  const { stylesheet, texts, signedIn, account, notice, newLink, problems, timeZone } = props;
  return renderPage({
    stylesheet,
    texts,
    title: account.email,
    signedIn,
    script: props.script,
    children: (
      <>
        <OperatorNavigation />
        <p class="back">
          <a href={paths.operatorAccounts}>{texts('operator.accountsTitle')}</a>
        </p>
        <h1 class="account-name">{account.email}</h1>
        {notice !== undefined && <Notice>{texts(notice)}</Notice>}
        {newLink !== undefined && (
          <ShownOnce id="new-link" text="operator.resetLink" note="operator.resetLinkNote" secret={newLink} rows={4} />
        )}
        <ErrorSummary problems={problems} />
        <article>
          <h2>{texts('operator.account')}</h2>
          <Facts {...props} />
          <Acts {...props} />
        </article>
        <Spending {...props} />
        <Apps {...props} />
        <Cap {...props} />
        <TimeZoneNote timeZone={timeZone} />
      </>
    ),
  });
}

function Facts({ account, accountLimit, upstreams, texts, timeZone, now }: OperatorAccountPageProps) {
  const { disabledAt, createdAt, isOperator, mayInvite, hasAuthenticatorApp, ownKeys } = account;
  const yesOrNo = (is: boolean) => texts(is ? 'operator.yes' : 'operator.no');
  const state =
    disabledAt === undefined ? (
      texts('operator.active')
    ) : (
      <Text id="operator.disabledSince" time={<RelativeTime at={disabledAt} timeZone={timeZone} now={now} />} />
    );
  const limit = accountLimit === undefined ? texts('operator.noLimit') : texts.limit(accountLimit.maxCostPerMonth);
  const keys = texts.list(ownKeys.map((upstream) => upstreams.labelOf(upstream)));
  const facts: readonly (readonly [FixedId, ComponentChildren])[] = [
    ['operator.state', state],
    ['operator.since', <RelativeTime key="since" at={createdAt} timeZone={timeZone} now={now} />],
    ['operator.isOperator', yesOrNo(isOperator)],
    ['operator.mayInvite', yesOrNo(mayInvite)],
    ['operator.hasAuthenticator', yesOrNo(hasAuthenticatorApp)],
    ['operator.ownKeys', ownKeys.length === 0 ? texts('operator.none') : keys],
    ['operator.ownLimit', limit],
  ];
  return (
    <OperatorTable
      label={texts('operator.account')}
      isFacts
      heads={[texts('operator.fact'), texts('operator.value')]}
      rows={facts.map(([name, value]) => ({ key: name, cells: [texts(name), value] }))}
    />
  );
}

function Acts({ account, isOwn, texts, csrfToken, confirms, problems }: OperatorAccountPageProps) {
  const { id, disabledAt, mayInvite, hasAuthenticatorApp } = account;
  const link = (act: string, text: FixedId) => <ChangeLink act={act} subject={id} text={texts(text)} />;
  return (
    <>
      <p class="links">
        {mayInvite
          ? link('stop_inviting', 'operator.stopInvitingTitle')
          : link('let_invite', 'operator.letInviteTitle')}
        {!isOwn && hasAuthenticatorApp && link('remove_authenticator', 'operator.removeAuthenticatorTitle')}
        {!isOwn &&
          (disabledAt === undefined
            ? link('disable_account', 'operator.disableTitle')
            : link('enable_account', 'operator.enableTitle'))}
      </p>
      {!isOwn && disabledAt === undefined && (
        <form method="post" action={formatPath(paths.operatorResetLink, id)}>
          <input type="hidden" name="csrf_token" value={csrfToken} />
          {confirms === 'reset' && <Confirmation problems={problems} />}
          <button type="submit" class="secondary" aria-describedby="reset-about">
            {texts('operator.createResetLink')}
          </button>
          <small id="reset-about">{texts('operator.resetLinkAbout')}</small>
        </form>
      )}
    </>
  );
}

function Spending({ usage, today, upstreams, texts }: OperatorAccountPageProps) {
  const rows = listRows(usage, upstreams, texts);
  return (
    <>
      <MonthUsage today={today} usage={usage} />
      {usage.total.requests > 0 && (
        <>
          <UsageBars rows={rows} />
          <OverviewFigures rows={rows} />
        </>
      )}
    </>
  );
}

/** The most apps that are listed. More would make the page long. */
const shownApps = 50;

function Apps({ grants, texts }: OperatorAccountPageProps) {
  const apps = new Map(grants.map((grant) => [grant.clientId, grant]));
  const rest = apps.size - shownApps;
  return (
    <article>
      <h2>{texts('operator.apps')}</h2>
      {apps.size === 0 && <p>{texts('operator.noApps')}</p>}
      <ul class="bars">
        {[...apps].slice(0, shownApps).map(([clientId, app]) => (
          <li key={clientId}>
            <AppName app={app} href={`${paths.operatorClients}?${new URLSearchParams({ search: clientId })}`} />
          </li>
        ))}
      </ul>
      {rest > 0 && <p class="aside">{texts('overview.rest', { count: rest })}</p>}
    </article>
  );
}

function Cap(props: OperatorAccountPageProps) {
  const { account, spending, cap, capOfEach, bound, currentCap, capText, texts, csrfToken, confirms, problems } = props;
  const hint =
    capOfEach === undefined
      ? texts('operator.accountCapHint')
      : texts('operator.accountCapElse', { cap: exactly(capOfEach) });
  return (
    <article>
      <h2>{texts('operator.accountCapTitle')}</h2>
      <p>{texts('operator.accountCapAbout')}</p>
      <CapUse spending={spending} caps={[cap ?? capOfEach, bound]} />
      <form method="post" action={formatPath(paths.operatorAccountCap, account.id)} noValidate>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <Shown values={currentCap} />
        <CapField name="cap_usd" heading="operator.accountCap" text={capText} hint={hint} problems={problems} />
        {confirms === 'cap' && <Confirmation problems={problems} />}
        <button type="submit">{texts('operator.saveCap')}</button>
      </form>
    </article>
  );
}
