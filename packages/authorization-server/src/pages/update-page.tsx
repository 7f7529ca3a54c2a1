import { type Increase, type LimitKind, limitTable } from '@aipassport/policy';
import type { AccountLimit, Grant, OpenRequests } from '@aipassport/store/authorization';
import { listAskedUpstreams } from '../interaction/list-key-states.js';
import { limitWords } from '../limits/limit-words.js';
import { AllAppsLeft } from './all-apps.js';
import { Summary } from './consent-summary.js';
import { type RequestPageProps, renderDecisionPage } from './decision-page.js';
import { Permissions } from './grant-parts.js';
import { GrantUsage } from './grant-usage.js';
import { LifetimeFields } from './lifetime-fields.js';
import { describeAsked, LimitInput } from './limit-fields.js';
import { NewTokens } from './new-tokens.js';
import { FieldProblem, Time } from './parts.js';
import { RequestKeys } from './request-keys.js';

interface UpdatePageProps extends RequestPageProps {
  /** Why the client asks, in its own words. */
  readonly reason: string | undefined;
  readonly grant: Grant;
  readonly open: readonly OpenRequests[];
  readonly increase: Increase;
  /** The limit on the spending of all apps together; undefined when there is none. */
  readonly accountLimit: AccountLimit | undefined;
}

/** The page for a client that asks for more than its grant allows. It shows the difference and the present grant. */
export function renderUpdatePage(props: UpdatePageProps): string {
  const { texts, increase } = props;
  return renderDecisionPage({
    ...props,
    title: texts('consent.moreTitle'),
    wish: 'consent.wishMore',
    form: (
      <>
        <Summary {...props.summary} />
        {isNothing(increase) && <p>{texts('consent.nothingNew')}</p>}
        <NewTokens {...props} added={increase.newTokens} />
        <Raised {...props} />
        {increase.lifetimeSeconds !== undefined && <LifetimeFields {...props} asked={increase.lifetimeSeconds} />}
        <RequestKeys {...props} asked={listAskedUpstreams({ tokens: increase.newTokens, choosable: [] })} />
      </>
    ),
    after: <Present {...props} />,
    footer: 'consent.moreFooter',
  });
}

/** What the grant allows now, and what is used of it. */
function Present(props: UpdatePageProps) {
  const { texts, grant, timeZone } = props;
  return (
    <details>
      <summary>{texts('consent.present')}</summary>
      <Permissions {...props} />
      <dl>
        <GrantUsage {...props} />
        <dt>{texts('limits.accessEnds')}</dt>
        <dd>
          <Time at={grant.expiresAt} timeZone={timeZone} />
        </dd>
      </dl>
    </details>
  );
}

function isNothing({ newTokens, raised, lifetimeSeconds }: Increase): boolean {
  return newTokens.length === 0 && raised.length === 0 && lifetimeSeconds === undefined;
}

function Raised(props: UpdatePageProps) {
  const { increase, accountLimit } = props;
  const { raised } = increase;
  if (raised.length === 0) return null;
  return (
    <fieldset class="limits">
      <legend>{props.texts('consent.moreLimits')}</legend>
      <div class="grid">
        {raised.map((kind) => (
          <RaisedLimit key={kind} kind={kind} {...props} />
        ))}
      </div>
      <AllAppsLeft accountLimit={accountLimit} />
    </fieldset>
  );
}

/** One limit that the request raises. The summary says by how much. */
function RaisedLimit({ texts, kind, increase, fields, problems }: UpdatePageProps & { readonly kind: LimitKind }) {
  const { member } = limitTable[kind];
  const asked = increase.limits[kind];
  if (asked === undefined) return null;
  return (
    <div>
      <label for={member}>{texts(limitWords[kind].label)}</label>
      <LimitInput kind={kind} asked={asked} text={fields.limits[kind]} problems={problems} hasHint />
      <FieldProblem problems={problems} field={member} />
      <small id={`${member}-hint`}>{describeAsked(texts, { kind, values: fields.limits, asked })}</small>
    </div>
  );
}
