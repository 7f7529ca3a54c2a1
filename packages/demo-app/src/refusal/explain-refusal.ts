import type { Explanation } from '../../browser/chat-event.js';
import type { Refusal } from './refusal.js';

/** Explains a refusal: what happened, what can be done about it, and by whom. */
export function explainRefusal(refusal: Refusal, issuer: string): Explanation {
  switch (refusal.reason) {
    case 'access_ended':
      return {
        title: 'This app no longer has access to your AI.',
        advice: 'You ended it at AIPassport, or its time was up. Nothing more can be asked until you connect again.',
        link: { label: 'Connect again', href: '/' },
      };
    case 'model_not_allowed':
      return {
        title: 'You did not allow this model.',
        advice: 'Choose another model, or connect again and allow this one too.',
      };
    case 'capability_not_allowed':
      return {
        title: 'You did not allow this app to chat.',
        advice: 'Disconnect, connect again, and leave “Send messages and receive answers” ticked.',
      };
    case 'request_limit_reached':
      return {
        title: 'All requests that you allowed are used up.',
        advice: 'Allow more at AIPassport, or disconnect and connect again.',
        link: { label: 'Allow more', href: chooseManageUrl(refusal.manageUrl, issuer) },
      };
    case 'budget_exhausted':
      return {
        title: 'The money that you allowed does not cover this question.',
        advice: 'A limit in all, of the day or of the month is used up. A shorter talk may still fit.',
        link: { label: 'Allow more', href: chooseManageUrl(refusal.manageUrl, issuer) },
      };
    case 'operator_budget_exhausted':
      return {
        title: 'AIPassport’s own key has no money left for you this month.',
        advice: 'Add your own API key at AIPassport and ask again. This app never gets to see it.',
        link: { label: 'Add a provider key', href: `${issuer}/account/keys` },
      };
    case 'budget_held':
      return {
        title: 'Other questions are being answered, and the money that you allowed is reserved for them.',
        advice: `What they do not use is free again when they end. ${formatWait(refusal.retryAfterSeconds)}`,
      };
    case 'rate_limited':
      return {
        title: 'That was faster than you allowed.',
        advice: `You limited requests or tokens per minute, or answers at a time. ${formatWait(refusal.retryAfterSeconds)}`,
      };
    case 'provider_key_missing':
      return {
        title: 'There is no key for this AI provider yet.',
        advice: 'Add your API key at AIPassport and ask again. This app never gets to see it.',
        link: { label: 'Add a provider key', href: `${issuer}/account/keys` },
      };
    case 'provider_key_refused':
      return {
        title: 'Your key for this AI provider does not work any more.',
        advice: 'Look at it at AIPassport, and enter it anew. Your access itself is fine.',
        link: { label: 'Your provider keys', href: `${issuer}/account/keys` },
      };
    case 'provider_busy':
      return {
        title: 'The AI provider is asking everybody to slow down.',
        advice: `This is the provider’s own limit, not yours. ${formatWait(refusal.retryAfterSeconds)}`,
      };
    case 'provider_failed':
      return {
        title: 'The AI provider did not answer as it should.',
        advice: 'Nothing is wrong with your access. Ask again in a moment, or choose another model.',
      };
    case 'proxy_unavailable':
      return {
        title: 'The way to the AI providers is closed at the moment.',
        advice: `The resource proxy cannot be reached or is busy. ${formatWait(refusal.retryAfterSeconds)}`,
      };
    case 'authorization_server_unavailable':
      return {
        title: 'AIPassport cannot be reached at the moment.',
        advice: `There is no usable answer from ${issuer}. Try again in a moment.`,
      };
    case 'answer_broken_off':
      return {
        title: 'The answer broke off.',
        advice: 'The connection to the AI provider was lost. What had arrived is kept; ask again for the rest.',
      };
    case 'request_refused':
      return { title: 'The AI provider did not accept this question.', advice: refusal.message };
    case 'unexpected':
      return { title: 'Something went wrong here.', advice: 'It is in this app’s log. Try again in a moment.' };
  }
}

/** An address in an error's text becomes a link only when it leads to the authorization server itself. */
function chooseManageUrl(manageUrl: string | undefined, issuer: string): string {
  const url = manageUrl === undefined ? null : URL.parse(manageUrl);
  return url?.origin === new URL(issuer).origin ? url.href : `${issuer}/account/grants`;
}

function formatWait(retryAfterSeconds: number | undefined): string {
  if (retryAfterSeconds === undefined) return 'Try again in a moment.';
  return `Try again in ${retryAfterSeconds} ${retryAfterSeconds === 1 ? 'second' : 'seconds'}.`;
}
