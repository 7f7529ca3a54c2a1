import { type AccessRequest, limitKinds, type ScopeToken, type UpstreamCatalogue } from '@aipassport/policy';
import type { AccountLimit, ExistingAccess, Grant, OtherAppsCost } from '@aipassport/store/authorization';
import type { ComponentChildren } from 'preact';
import type { ClientLink } from '../interaction/client-links.js';
import type { ConsentFields } from '../interaction/consent-fields.js';
import type { AppDescription } from '../interaction/describe-app.js';
import { type KeyState, listAskedUpstreams } from '../interaction/list-key-states.js';
import { listNewTokens } from '../interaction/propose-again.js';
import type { DayRange, LifetimeChoice } from '../limits/lifetime-choices.js';
import type { Destination } from '../oidc/interactions.js';
import type { Texts } from '../texts/texts.js';
import type { Asset } from './asset.js';
import { Confirmation } from './confirmation.js';
import { AllowLabel, Choice, LiveParts, Price, ShownChoice, Summary, type SummaryProps } from './consent-summary.js';
import { ExistingAccessChoice } from './existing-access.js';
import { Introduction } from './introduction.js';
import { renderPage, renderPart } from './layout.js';
import { LifetimeFields } from './lifetime-fields.js';
import { MoreLimits } from './limit-fields.js';
import { ErrorSummary, type Problem, Time } from './parts.js';
import { RequestKeys } from './request-keys.js';
import { SpendingFields } from './spending-fields.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';
import { TokenChoice } from './token-choice.js';

/** The properties of every page on which an owner decides about a client's request. */
export interface RequestPageProps extends AppDescription {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly csrfToken: string;
  readonly requestHash: string;
  readonly action: string;
  readonly email: string;
  /** The page on which another person can sign in. */
  readonly otherAccountPath: string;
  readonly timeZone: string;
  /** The path of the client's logo; undefined when there is none to show. */
  readonly logo: string | undefined;
  readonly destination: Destination;
  readonly links: readonly ClientLink[];
  readonly lifetimes: readonly LifetimeChoice[];
  readonly days: DayRange;
  readonly upstreams: UpstreamCatalogue;
  /** Which provider key is used for each AI provider: the owner's, the operator's, or none. */
  readonly keyStates: readonly KeyState[];
  /** The path of this page. */
  readonly returnPath: string;
  /** Offers a passkey where the form asks for the password; undefined when the owner has none. */
  readonly passkeyScript: Asset | undefined;
  readonly fields: ConsentFields;
  readonly problems: readonly Problem[];
}

interface ConsentPageProps extends RequestPageProps {
  readonly script: Asset;
  readonly summaryAction: string;
  readonly summary: SummaryProps;
  readonly request: AccessRequest;
  /** The amounts to choose from. */
  readonly amounts: readonly bigint[];
  /** The grant whose terms the request replaces; undefined for a new grant. */
  readonly replaced: Grant | undefined;
  /** The access that the app has already; undefined when it has none, or when the request changes it. */
  readonly existing: ExistingAccess | undefined;
  readonly wantsAnother: boolean;
  readonly now: Date;
  /** The limit on the spending of all apps together; undefined when there is none. */
  readonly accountLimit: AccountLimit | undefined;
  /** What the owner's other apps can still spend this month. */
  readonly otherApps: OtherAppsCost;
}

/** The parts of the page that change with the owner's choices, for the page's script. */
export function renderSummary(texts: Texts, summary: SummaryProps): string {
  return renderPart(texts, <LiveParts {...summary} />);
}

export function renderConsentPage(props: ConsentPageProps): string {
  const { stylesheet, script, texts, csrfToken, requestHash, action, request, summary, problems } = props;
  const { replaced, timeZone } = props;
  return renderPage({
    stylesheet,
    script,
    passkeyScript: props.passkeyScript,
    texts,
    title: texts('consent.title'),
    children: (
      <article class="consent">
        <Introduction
          {...props}
          wish={replaced === undefined ? 'consent.wish' : 'consent.wishReplace'}
          reason={request.reason}
        />
        {replaced !== undefined && <Replacement grant={replaced} timeZone={timeZone} />}
        <ErrorSummary problems={problems} />
        <form method="post" action={action} data-summary={props.summaryAction} noValidate>
          <UpdateButton />
          <input type="hidden" name="csrf_token" value={csrfToken} />
          <input type="hidden" name="request_hash" value={requestHash} />
          <ShownChoice {...summary} />
          {props.existing !== undefined && <ExistingAccessChoice {...props} existing={props.existing} />}
          <Summary {...summary} />
          <SpendingFields {...props}>
            <Price {...summary} />
          </SpendingFields>
          <Lifetime {...props} />
          <Permissions {...props} />
          <RequestKeys {...props} asked={listAskedUpstreams(request)} />
          <RareLimits {...props} />
          <Confirmation problems={problems} keepsForm />
          <DecisionButtons>
            <AllowLabel {...summary} />
          </DecisionButtons>
        </form>
        <Footer {...props} />
      </article>
    ),
  });
}

/**
 * The choice of when the access ends. If the app already has access, only one line is shown until the owner opens it,
 * unless the choice has a problem or is a date.
 */
function Lifetime(props: ConsentPageProps) {
  const { existing, fields, problems, texts } = props;
  const hasProblem = problems.some(({ field }) => field === 'lifetime' || field === 'expires_on');
  if (existing === undefined || hasProblem || fields.expiresIn === 'date') return <LifetimeFields {...props} />;
  return (
    <details class="line">
      <summary>
        <b>{texts('limits.accessEnds')}</b>
        <small>{texts('summary.change')}</small>
      </summary>
      <LifetimeFields {...props} />
    </details>
  );
}

/** The choice of models and capabilities. While it is closed, one line sums it up. */
function Permissions(props: ConsentPageProps) {
  const { request, fields, existing, problems, keyStates, upstreams, summary, texts } = props;
  const servedUpstreams = keyStates.filter(({ kind }) => kind !== 'missing').map(({ upstream }) => upstream);
  const added = existing === undefined ? [] : listNewTokens(request, existing);
  const choice = { tickedTokens: fields.tickedTokens, added, servedUpstreams, upstreams, problems };
  const models = pick(request, ({ kind }) => kind !== 'capability');
  const capabilities = pick(request, ({ kind }) => kind === 'capability');
  const hasProblem = problems.some(({ field }) => field === 'models' || field === 'capabilities');
  const isOpen = hasProblem || added.length > 0 || summary.considered.outcome !== 'terms';
  return (
    <details class="line" open={isOpen}>
      <summary>
        <b>{texts('summary.models')}</b> <Choice {...summary} />
        <small>{texts('summary.change')}</small>
      </summary>
      <TokenChoice id="models" legend={texts('consent.models')} {...models} {...choice} />
      <TokenChoice id="capabilities" legend={texts('consent.capabilities')} {...capabilities} {...choice} />
    </details>
  );
}

/** All limits besides the total spending limit, and whether the choices are remembered. */
function RareLimits({ fields, request, problems, texts }: ConsentPageProps) {
  const kinds = limitKinds.filter((kind) => kind !== 'maxCost');
  return (
    <div class="limits line">
      <MoreLimits kinds={kinds} isOpen={false} texts={fields.limits} asked={request.limits} problems={problems}>
        <label class="remember">
          <input type="checkbox" name="remember" value="on" checked={fields.remembers} />
          {texts('spending.remember')}
        </label>
      </MoreLimits>
    </div>
  );
}

function Footer({ email, otherAccountPath }: Pick<ConsentPageProps, 'email' | 'otherAccountPath'>) {
  return (
    <p class="aside">
      <Text id="consent.notYou" email={email} link={<a href={otherAccountPath} />} />{' '}
      <Text id="consent.footer" em={<em />} />
    </p>
  );
}

/**
 * The first button of the form, which the Enter key presses. It decides nothing: it shows the page again with a summary
 * of the present choices.
 */
export function UpdateButton() {
  return (
    <button type="submit" name="decision" value="update" class="enter-key" tabIndex={-1}>
      <Text id="summary.update" />
    </button>
  );
}

export function DecisionButtons({ children }: { readonly children: ComponentChildren }) {
  return (
    <div class="button-row">
      <button type="submit" name="decision" value="deny" class="secondary outline">
        <Text id="consent.deny" />
      </button>
      <button type="submit" name="decision" value="allow" data-confirmed>
        {children}
      </button>
    </div>
  );
}

function pick({ tokens, choosable }: AccessRequest, isPicked: (token: ScopeToken) => boolean) {
  return { tokens: tokens.filter(isPicked), choosable: choosable.filter(isPicked) };
}

/** Says that the request replaces the terms of a grant, and that the grant's usage so far stays counted. */
function Replacement({ grant, timeZone }: { readonly grant: Grant; readonly timeZone: string }) {
  const { usage, createdAt } = grant;
  return (
    <p>
      <Text
        id="consent.replaces"
        time={<Time at={createdAt} timeZone={timeZone} />}
        spent={usage.spent}
        count={usage.requests}
      />
    </p>
  );
}
