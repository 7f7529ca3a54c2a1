import { limitTable, type UpstreamCatalogue } from '@aipassport/policy';
import type { Grant, OpenRequests, RevocationReason } from '@aipassport/store/authorization';
import { grantLimitsPath } from '../account/return-to.js';
import { describePermission } from '../describe-permission.js';
import { findReached } from '../limits/find-reached.js';
import { listOpenOfTree } from '../limits/open-requests.js';
import type { MessageId } from '../texts/texts.js';
import { DangerForm, type DangerFormProps } from './danger-form.js';
import { RelativeTime, Time } from './parts.js';
import { Text, useTexts } from './text.js';

export interface GrantView {
  readonly grant: Grant;
  /** The owner's requests in progress. */
  readonly open: readonly OpenRequests[];
  readonly timeZone: string;
  readonly now: Date;
}

/** The models and capabilities that the grant allows, as a list. */
export function Permissions({
  grant,
  upstreams,
}: Pick<GrantView, 'grant'> & { readonly upstreams: UpstreamCatalogue }) {
  const texts = useTexts();
  return (
    <ul class="permissions">
      {grant.tokens.map((token) => (
        <li key={token.text}>{texts.say(describePermission(token, upstreams).title)}</li>
      ))}
    </ul>
  );
}

/** When the grant ends, when it began, and when it was last used. */
export function GrantTimes({ grant, timeZone, now }: Pick<GrantView, 'grant' | 'timeZone' | 'now'>) {
  const texts = useTexts();
  return (
    <>
      {grant.state === 'active' && (
        <>
          <dt>{texts('limits.accessEnds')}</dt>
          <dd>
            <Time at={grant.expiresAt} timeZone={timeZone} />
          </dd>
        </>
      )}
      <dt>{texts('apps.connected')}</dt>
      <dd>
        <Time at={grant.createdAt} timeZone={timeZone} />
      </dd>
      <dt>{texts('apps.lastUsed')}</dt>
      <dd>
        {grant.lastUsedAt === undefined ? (
          texts('apps.notUsed')
        ) : (
          <RelativeTime at={grant.lastUsedAt} timeZone={timeZone} now={now} />
        )}
      </dd>
    </>
  );
}

/** How and when a grant ended. */
export function GrantEnd({ grant, timeZone }: Pick<GrantView, 'grant' | 'timeZone'>) {
  const ending = grant.state === 'revoked' ? findEnding(grant.revokedReason ?? '') : 'apps.expired';
  return (
    <p>
      <Text id={ending} time={<Time at={grant.revokedAt ?? grant.expiresAt} timeZone={timeZone} />} />
    </p>
  );
}

type Ending = Extract<MessageId, `apps.ended${string}`>;

/** Why a grant ended, so that owners can distinguish their own decision from another cause. */
const endings: Readonly<Record<RevocationReason, Ending>> = {
  owner: 'apps.endedByOwner',
  replaced: 'apps.endedByReplacement',
  client: 'apps.endedByClient',
  code_replay: 'apps.endedByCodeReplay',
  refresh_token_reuse: 'apps.endedByTokenReuse',
  account_disabled: 'apps.endedWithAccount',
  client_deleted: 'apps.endedWithApp',
  parent: 'apps.endedWithParent',
  operator: 'apps.endedByOperator',
};

/** A server of another release may have stored a reason that this release does not know. */
function findEnding(reason: string): Ending {
  return Object.hasOwn(endings, reason) ? endings[reason as RevocationReason] : 'apps.endedOtherwise'; // checked
}

/** Says that a limit of a grant is used up, how the owner can continue, and when the limit begins again by itself. */
export function ExhaustedNotice({ grant, open, timeZone, now }: GrantView) {
  const texts = useTexts();
  const reached = findReached(grant, { open: listOpenOfTree(grant.id, open), timeZone, now });
  if (grant.state !== 'active' || reached === undefined) return null;
  const { kind, until } = reached;
  const link = <a href={grantLimitsPath(grant.id, limitTable[kind].member)} />;
  return (
    <p class="used-up">
      {until === undefined ? (
        <Text id="apps.limitReached" strong={<strong />} link={link} />
      ) : (
        <Text id="apps.limitReachedUntil" strong={<strong />} link={link} day={texts.nearDay(until, timeZone, now)} />
      )}
    </p>
  );
}

/** A button that ends one grant, or all grants of an app. */
export function RevokeForm({ text = 'apps.remove', ...form }: RevokeFormProps) {
  return (
    <DangerForm {...form}>
      <Text id={text} />
    </DangerForm>
  );
}

interface RevokeFormProps extends Omit<DangerFormProps, 'children'> {
  readonly text?: 'apps.remove' | 'connected.removeOne';
}
