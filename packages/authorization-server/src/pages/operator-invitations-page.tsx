import type { Invitation } from '@aipassport/store/authorization';
import { paths } from '../endpoints.js';
import type { FixedId } from '../texts/texts.js';
import { InvitationState, InviteForm, NewLink } from './invitations-page.js';
import { renderPage } from './layout.js';
import {
  ChangeLink,
  OperatorList,
  OperatorNavigation,
  type OperatorPageProps,
  type TableRow,
} from './operator-parts.js';
import type { PageScript } from './page-script.js';
import { ErrorSummary, ForeignText, Notice, type Problem, TimeZoneNote } from './parts.js';

interface OperatorInvitationsPageProps extends OperatorPageProps {
  readonly csrfToken: string;
  readonly timeZone: string;
  readonly now: Date;
  /** Whether new accounts need an invitation on this server. */
  readonly areNeeded: boolean;
  readonly invitations: readonly Invitation[];
  readonly isFirstPage: boolean;
  readonly next: string | undefined;
  /** SECRET. The link of the invitation that was just made. It is shown only once. */
  readonly newLink: string | undefined;
  /** Copies the new link; undefined when there is no new link. */
  readonly script: PageScript | undefined;
  readonly notice: FixedId | undefined;
  readonly note: string;
  readonly expiresIn: string;
  readonly problems: readonly Problem[];
}

export function renderOperatorInvitationsPage(props: OperatorInvitationsPageProps): string {
  const { stylesheet, texts, signedIn, notice, newLink, problems, invitations, next, timeZone } = props;
  const title = texts('invitations.title');
  const heads = ['operator.invitation', 'operator.state', 'operator.invitedBy', 'operator.act'] as const;
  return renderPage({
    stylesheet,
    texts,
    title,
    signedIn,
    script: props.script,
    children: (
      <>
        <OperatorNavigation current="operatorInvitations" />
        <h1>{title}</h1>
        <p>{texts(props.areNeeded ? 'invitations.about' : 'operator.invitationsNotNeeded')}</p>
        {notice !== undefined && <Notice>{texts(notice)}</Notice>}
        {newLink !== undefined && <NewLink link={newLink} texts={texts} />}
        <ErrorSummary problems={problems} />
        {props.areNeeded && <InviteForm {...props} action={paths.operatorInvitations} />}
        <h2>{texts('operator.allInvitations')}</h2>
        <OperatorList
          path={paths.operatorInvitations}
          label={texts('operator.allInvitations')}
          heads={heads.map((head) => texts(head))}
          rows={invitations.map((invitation) => describeInvitation(invitation, props))}
          isFirstPage={props.isFirstPage}
          next={next}
        />
        <TimeZoneNote timeZone={timeZone} />
      </>
    ),
  });
}

function describeInvitation(invitation: Invitation, { texts, timeZone, now }: OperatorInvitationsPageProps): TableRow {
  const { id, note, createdBy, state } = invitation;
  return {
    key: id,
    cells: [
      note === undefined ? texts('invitations.noNote') : <ForeignText key="note">{note}</ForeignText>,
      <InvitationState key="state" invitation={invitation} timeZone={timeZone} now={now} />,
      createdBy ?? texts('operator.theOperator'),
      state === 'open' && (
        <ChangeLink key="act" act="withdraw_invitation" subject={id} text={texts('operator.withdrawTitle')} />
      ),
    ],
  };
}
