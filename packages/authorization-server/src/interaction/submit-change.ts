import { type Database, hashSecret } from '@aipassport/store';
import {
  changeGrant,
  findArtifact,
  lockArtifact,
  type OwnerSession,
  upsertArtifact,
} from '@aipassport/store/authorization';
import { seeOther } from '../account/sign-in.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import {
  type ChangedGrant,
  denyInteraction,
  finishConsent,
  interactionOver,
  type PendingInteraction,
  refuseChange,
} from '../oidc/interactions.js';
import { type Form, fieldText } from '../read-form.js';
import { findChanged } from './find-changed.js';
import { type Consent, hashChoice, outOfDate, readConsent } from './read-consent.js';
import { recordDenial } from './record-denial.js';
import { showConsent } from './show-consent.js';

export interface Submission {
  readonly interaction: PendingInteraction;
  readonly owner: OwnerSession;
  readonly form: Form;
}

/** The owner's decision on a change. */
interface Decision {
  /** A hash of everything that the owner chose. */
  readonly choice: string;
  readonly isDenied: boolean;
}

/**
 * Handles the owner's decision on a change of a grant. An interaction changes its grant at most once, even if its form
 * is sent again or to several replicas: the first decision counts. If another request has changed the grant meanwhile,
 * the grant is shown again. If the grant has ended, the client gets the error `invalid_grant_id`.
 */
export async function submitChange(deps: Dependencies, ctx: Context, submission: Submission): Promise<void> {
  const { interaction, owner, form } = submission;
  const earlier = await findDecision(deps.db, interaction.uid);
  if (earlier !== undefined) return finishAgain(deps, ctx, submission, earlier);
  const changed = await findChanged(deps, interaction, owner);
  if (changed === 'ended' || changed === undefined)
    return seeOther(ctx, await refuseChange(deps.provider, ctx, interaction.uid));
  const shown = { ...interaction, changed };
  const consent = await readConsent(deps, ctx, { consent: shown, owner, form });
  const decision = await decideOnce(deps.db, submission, { changed, consent });
  if (decision.kind === 'decided') return finish(deps, ctx, submission, decision);
  if (decision.kind === 'earlier') return finishAgain(deps, ctx, submission, decision);
  if (decision.kind === 'shown_again') return showConsent(deps, ctx, { consent: shown, owner, view: decision });
  // Another request has changed the grant, or has ended it.
  const current = await findChanged(deps, interaction, owner);
  if (current === 'ended' || current === undefined)
    return seeOther(ctx, await refuseChange(deps.provider, ctx, interaction.uid));
  await showConsent(deps, ctx, { consent: { ...interaction, changed: current }, owner, view: outOfDate(form) });
}

type Outcome =
  | ({ readonly kind: 'decided' | 'earlier' } & Decision)
  | ({ readonly kind: 'shown_again' } & Extract<Consent, { outcome: 'shown_again' }>)
  | { readonly kind: 'out_of_date' };

interface CheckedChoice {
  readonly changed: ChangedGrant;
  readonly consent: Consent;
}

/**
 * Changes the grant and keeps the decision, in one transaction. A second form of the same interaction waits for the
 * lock.
 */
async function decideOnce(
  db: Database,
  { interaction: { uid, pushedRequestId, clientId }, owner: { accountId }, form }: Submission,
  { changed, consent }: CheckedChoice,
): Promise<Outcome> {
  return db.transaction().execute(async (transaction): Promise<Outcome> => {
    await lockArtifact(transaction, { model: 'Interaction', idHash: hashSecret(uid) });
    const earlier = await findDecision(transaction, uid);
    if (earlier !== undefined) return { kind: 'earlier', ...earlier };
    if (consent.outcome === 'shown_again') return { kind: 'shown_again', ...consent };
    const { action, grant } = changed;
    if (consent.outcome === 'granted') {
      const { grant: terms } = consent;
      if (!(await changeGrant(transaction, { grant, action, terms, reason: terms.reason })))
        return { kind: 'out_of_date' };
    }
    const isDenied = consent.outcome === 'denied';
    if (isDenied) await recordDenial(transaction, { uid, pushedRequestId, accountId, clientId, grantId: grant.id });
    const decision = { choice: hashChoice(form), isDenied };
    await keepDecision(transaction, { uid, grantId: grant.id, decision });
    return { kind: 'decided', ...decision };
  });
}

async function finish(
  deps: Dependencies,
  ctx: Context,
  { interaction: { uid, change } }: Submission,
  { isDenied, choice }: Decision,
): Promise<void> {
  const answer = { grantId: change?.grantId ?? '', choice };
  const next = isDenied ? denyInteraction(deps.provider, ctx, uid) : finishConsent(deps.provider, ctx, uid, answer);
  seeOther(ctx, await next);
}

/**
 * Answers a form that is sent again. The same decision leads to the app again.
 * @throws Denied for another decision, because the first decision counts
 */
async function finishAgain(deps: Dependencies, ctx: Context, submission: Submission, earlier: Decision): Promise<void> {
  const isDenied = fieldText(submission.form, 'decision') === 'deny';
  if (isDenied !== earlier.isDenied || hashChoice(submission.form) !== earlier.choice) throw interactionOver();
  await finish(deps, ctx, submission, earlier);
}

/** The decision is kept as long as the browser keeps the cookie of the interaction. */
const keptSeconds = 3_600;
const decisionOf = (uid: string) => ({ model: 'ChangeDecision', idHash: hashSecret(uid) });

async function findDecision(db: Database, uid: string): Promise<Decision | undefined> {
  const kept = await findArtifact(db, decisionOf(uid));
  return kept && { choice: String(kept.payload['choice']), isDenied: kept.payload['isDenied'] === true };
}

interface KeptDecision {
  /** SECRET: the interaction's identifier. Only its hash is stored. */
  readonly uid: string;
  readonly grantId: string;
  readonly decision: Decision;
}

async function keepDecision(db: Database, { uid, grantId, decision }: KeptDecision): Promise<void> {
  const artifact = { ...decisionOf(uid), payload: { ...decision }, grantId, uid: undefined };
  await upsertArtifact(db, { ...artifact, expiresInSeconds: keptSeconds });
}
