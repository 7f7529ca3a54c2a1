import type { OwnerSession } from '@aipassport/store/authorization';
import { requireOwner } from '../account/require-owner.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { trimLimitTexts } from '../limits/limit-texts.js';
import { requireFormToken } from '../middleware/form-token.js';
import { type ConsentRequest, findPending, interactionOver } from '../oidc/interactions.js';
import { renderSummary } from '../pages/decision-page.js';
import { type Form, readForm } from '../read-form.js';
import { readConsentFields } from './consent-fields.js';
import { describeApp } from './describe-app.js';
import { findChanged } from './find-changed.js';
import { findExisting } from './find-existing.js';
import { listKeyStates } from './list-key-states.js';
import { offer } from './list-offered.js';
import { checkForm } from './read-consent.js';
import { consentPurpose, getClient, requireSameAccount } from './shown-request.js';
import { summarizeChoice } from './summarize-choice.js';

/**
 * `POST /interaction/:uid/summary`: answers with the parts of the consent page that say what the form would allow. The
 * page's script requests them after each change. The form is not submitted by this.
 */
export async function showConsentSummary(deps: Dependencies, ctx: Context, uid: string): Promise<void> {
  const form = trimLimitTexts(readForm(ctx));
  const owner = await requireOwner(deps, ctx, formatPath(paths.interaction, uid));
  if (owner === undefined) return;
  const interaction = await findPending(deps, ctx, uid);
  if (interaction?.prompt !== 'consent') throw interactionOver();
  requireFormToken(deps, ctx, form, consentPurpose(interaction));
  requireSameAccount(interaction, owner);
  const changed = await findChanged(deps, interaction, owner);
  if (changed === 'ended') throw interactionOver();
  const consent = changed === undefined ? interaction : { ...interaction, changed };
  await answerSummary(deps, ctx, { consent, owner, form });
}

interface SummaryRequest {
  readonly consent: ConsentRequest;
  readonly owner: OwnerSession;
  /** The form, after `trimLimitTexts` and `requireFormToken`. */
  readonly form: Form;
}

/** Answers with the parts of the consent page that change with the owner's choices. */
export async function answerSummary(deps: Dependencies, ctx: Context, { consent, owner, form }: SummaryRequest) {
  const shownAt = deps.now();
  const client = await getClient(deps, consent);
  const { fields } = readConsentFields(form);
  const considered = checkForm(deps, { consent, owner, form: { ...form, shown_at: String(shownAt.getTime()) } });
  const existing = await findExisting(deps, consent, owner);
  const { appName } = describeApp(client, consent.destination);
  const { upstreams } = deps.configuration.models;
  const keyStates = await listKeyStates(deps, owner);
  const offered = offer(consent, { keyStates, upstreams, tickedTokens: fields.tickedTokens });
  ctx.type = 'html';
  ctx.body = renderSummary(
    ctx.state.texts,
    summarizeChoice(deps, { consent: offered, owner, existing, fields, considered, shownAt, appName }),
  );
}
