import type { Upstream, UpstreamCatalogue } from '@aipassport/policy';
import type { AccountLimit, ListedGrant, UsageSummary } from '@aipassport/store/authorization';
import { deriveAppId } from '../account/app-id.js';
import { formatPath, paths } from '../endpoints.js';
import type { KeyState } from '../interaction/list-key-states.js';
import { limitWords } from '../limits/limit-words.js';
import type { Budget } from '../limits/tightest-budget.js';
import { exactly, partOf, type Texts } from '../texts/texts.js';
import { AppName } from './app-name.js';
import { Meter } from './charts.js';
import { KeyWarnings } from './key-warnings.js';
import { renderPage, type SignedIn } from './layout.js';
import { OverviewFigures, OverviewUsage } from './overview-usage.js';
import { NearTime, TimeZoneNote } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { Text, useTexts } from './text.js';
import { listRows, shownRows } from './usage-charts.js';

/** The budget of a connected app. */
export interface AppBudget extends Budget {
  readonly grant: ListedGrant;
}

export interface OverviewPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly timeZone: string;
  readonly now: Date;
  /** The present day in the owner's time zone, as `YYYY-MM-DD`. */
  readonly today: string;
  /** The usage of the month of `today`. */
  readonly usage: UsageSummary;
  readonly accountLimit: AccountLimit | undefined;
  readonly budgets: readonly AppBudget[];
  readonly endingGrants: readonly ListedGrant[];
  readonly hasApps: boolean;
  readonly hasKeys: boolean;
  /** What the owner can still do for the account. */
  readonly nextSteps: readonly NextStep[];
  /** How the requests of owners without provider keys are answered: with the operator's keys, or by simulation. */
  readonly keysOfOthers: 'operator' | 'simulated' | undefined;
  readonly upstreams: UpstreamCatalogue;
  /** Which provider key the owner's requests to each AI provider use. */
  readonly keyStates: readonly KeyState[];
  /**
   * The page warns if no API key works for one of these AI providers: the AI providers whose models connected apps can
   * use, and the AI providers that refused the owner's key.
   */
  readonly warnedUpstreams: readonly Upstream[];
}

export function renderOverviewPage(props: OverviewPageProps): string {
  const { stylesheet, texts, signedIn, hasApps, usage, timeZone } = props;
  const isNew = !hasApps && usage.total.requests === 0;
  const rows = listRows(usage, props.upstreams, texts);
  return renderPage({
    stylesheet,
    texts,
    title: texts('overview.title'),
    signedIn,
    children: (
      <>
        <h1>{texts('overview.title')}</h1>
        <KeyWarnings {...props} of={props.warnedUpstreams} />
        {isNew ? <FirstSteps {...props} /> : <OverviewUsage {...props} rows={rows} />}
        <NextSteps {...props} nextSteps={props.nextSteps.filter((step) => !isNew || step !== 'key')} />
        {props.endingGrants.length > 0 && <EndingSoon {...props} />}
        {props.budgets.length > 0 && <Budgets {...props} />}
        {usage.total.requests > 0 && <OverviewFigures rows={rows} />}
        <p class="links">
          {!isNew && <a href={paths.apps}>{texts('overview.allApps')}</a>}
          <a href={paths.activity}>{texts('events.title')}</a>
        </p>
        {!isNew && <TimeZoneNote timeZone={timeZone} />}
      </>
    ),
  });
}

/** The first steps of the owner of a new account. */
function FirstSteps({ hasKeys, keysOfOthers }: OverviewPageProps) {
  const texts = useTexts();
  return (
    <article class="first-steps">
      <h2>{texts('overview.startTitle')}</h2>
      <p>{texts('overview.startAbout')}</p>
      <ol>
        <li class={hasKeys ? 'done' : undefined}>
          <a href={paths.keys}>{texts('overview.addKey')}</a>
          <p>{texts('overview.addKeyAbout')}</p>
          {needsKey({ hasKeys, keysOfOthers }) && <p>{texts('overview.addKeyNeeded')}</p>}
          {keysOfOthers === 'simulated' && <p>{texts('overview.addKeySimulated')}</p>}
          {keysOfOthers === 'operator' && <p>{texts('overview.addKeyOptional')}</p>}
        </li>
        <li>
          <strong>{texts('overview.connect')}</strong>
          <p>{texts('overview.connectAbout')}</p>
        </li>
      </ol>
    </article>
  );
}

const stepTexts = {
  key: { path: paths.keys, link: 'overview.addKey', about: 'overview.addKeyAbout' },
  confirm_email: { path: paths.email, link: 'overview.confirmEmail', about: 'overview.confirmEmailAbout' },
  password: { path: paths.password, link: 'overview.setPassword', about: 'overview.setPasswordAbout' },
  passkey: { path: paths.passkeys, link: 'overview.addPasskey', about: 'overview.addPasskeyAbout' },
  recovery_codes: { path: paths.recoveryCodes, link: 'overview.saveCodes', about: 'overview.saveCodesAbout' },
} as const;

export type NextStep = keyof typeof stepTexts;

/** Whether requests are refused because there is no API key for them. */
function needsKey({ hasKeys, keysOfOthers }: Pick<OverviewPageProps, 'hasKeys' | 'keysOfOthers'>): boolean {
  return !hasKeys && keysOfOthers === undefined;
}

/** Each step disappears when it is done. */
function NextSteps({ nextSteps: steps, ...keys }: Pick<OverviewPageProps, 'nextSteps' | 'hasKeys' | 'keysOfOthers'>) {
  const texts = useTexts();
  if (steps.length === 0) return null;
  return (
    <article class="next-steps">
      <h2>{texts('overview.nextSteps')}</h2>
      <ul class="link-list">
        {steps.map((step) => {
          const { path, link, about } = stepTexts[step];
          return (
            <li key={step}>
              <a href={path}>{texts(link)}</a>
              <span>
                {texts(about)} {step === 'key' && needsKey(keys) && texts('overview.addKeyNeeded')}
              </span>
            </li>
          );
        })}
      </ul>
    </article>
  );
}

function EndingSoon({ endingGrants, timeZone, now }: OverviewPageProps) {
  const texts = useTexts();
  return (
    <article>
      <h2>{texts('overview.ending')}</h2>
      <ul class="bars">
        {endingGrants.slice(0, shownRows).map((grant) => (
          <li key={grant.id}>
            <AppName app={grant} href={formatPath(paths.app, deriveAppId(grant.clientId))} />
            <span>
              <Text id="overview.endsAt" time={<NearTime at={grant.expiresAt} timeZone={timeZone} now={now} />} />
            </span>
          </li>
        ))}
      </ul>
      <MoreApps count={endingGrants.length - shownRows} />
    </article>
  );
}

function Budgets({ budgets }: Pick<OverviewPageProps, 'budgets'>) {
  const texts = useTexts();
  return (
    <article>
      <h2>{texts('overview.budgets')}</h2>
      <ul class="bars">
        {budgets.slice(0, shownRows).map(({ grant, kind, limit, used }) => (
          <li key={grant.id}>
            <AppName app={grant} href={formatPath(paths.app, deriveAppId(grant.clientId))} />
            <span>
              {texts(limitWords[kind].left, {
                left: partOf(limit, limit > used ? limit - used : 0n),
                limit: exactly(limit),
              })}
            </span>
            <Meter value={used} largest={limit} />
          </li>
        ))}
      </ul>
      <MoreApps count={budgets.length - shownRows} />
    </article>
  );
}

/** How many entries of a list the overview leaves out, with a link to the page that has all of them. */
function MoreApps({ count }: { readonly count: number }) {
  const texts = useTexts();
  return count > 0 ? (
    <p class="links">
      <a href={paths.apps}>{texts('overview.rest', { count })}</a>
    </p>
  ) : null;
}
