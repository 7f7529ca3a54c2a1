import type { Explanation } from '../../browser/chat-event.js';
import { chatLabel } from '../ai-request.js';
import type { Refusal } from './refusal.js';

/** Explains a refusal: what happened, what can be done about it, and by whom. */
export function explainRefusal(refusal: Refusal, issuer: string): Explanation {
  switch (refusal.reason) {
    case 'access_ended':
      return {
        title: 'This app no longer has access to your AI.',
        advice: 'You removed it in AIPassport, or it expired. Connect again to continue.',
        link: { label: 'Connect again', href: '/' },
      };
    case 'model_not_allowed':
      return {
        title: 'You didn’t allow this model.',
        advice: 'Choose another model. Or disconnect, then connect again and select this one too.',
      };
    case 'capability_not_allowed':
      return {
        title: 'You didn’t allow this app to chat.',
        advice: `Disconnect, then connect again and select “${chatLabel}”.`,
      };
    case 'request_limit_reached':
      return {
        title: 'You’ve used all the requests you allowed.',
        advice: 'Raise the request limit in AIPassport, or disconnect and connect again.',
        link: { label: 'Raise the limit', href: chooseManageUrl(refusal.manageUrl, issuer) },
      };
    case 'budget_exhausted':
      return {
        title: 'This question would go over your spending limit.',
        advice: 'Raise your total, daily or monthly limit in AIPassport, or start a shorter chat.',
        link: { label: 'Raise the limit', href: chooseManageUrl(refusal.manageUrl, issuer) },
      };
    case 'overall_limit_reached':
      return {
        title: 'This question would go over your overall spending limit.',
        advice:
          'It limits what all your apps together spend in a month. Raise it in AIPassport, or wait for next month.',
        link: { label: 'Raise the overall limit', href: chooseManageUrl(refusal.manageUrl, issuer) },
      };
    case 'operator_budget_exhausted':
      return {
        title: 'You can’t spend more with AIPassport’s own API key this month.',
        advice: 'Add your own API key at AIPassport and ask again. This app never sees it.',
        link: { label: 'Add a key', href: `${issuer}/account/keys` },
      };
    case 'budget_held':
      return {
        title: 'The rest of your spending limit is reserved for questions that are still being answered.',
        advice: `What they don’t use becomes available again when they finish. ${formatWait(refusal.retryAfterSeconds)}`,
      };
    case 'rate_limited':
      return {
        title: 'You’ve hit the speed limit you set.',
        advice: `It limits requests or tokens per minute, or answers at the same time. ${formatWait(refusal.retryAfterSeconds)}`,
      };
    case 'provider_key_missing':
      return {
        title: 'You have no API key for this AI provider yet.',
        advice: 'Add a key at AIPassport and ask again. This app never sees it.',
        link: { label: 'Add a key', href: `${issuer}/account/keys` },
      };
    case 'provider_key_refused':
      return {
        title: 'Your API key for this AI provider no longer works.',
        advice: 'Check the key in AIPassport, and replace it if needed. You don’t have to connect again.',
        link: { label: 'Your API keys', href: `${issuer}/account/keys` },
      };
    case 'provider_busy':
      return {
        title: 'The AI provider is limiting requests right now.',
        advice: `This is the provider’s own limit, not yours. ${formatWait(refusal.retryAfterSeconds)}`,
      };
    case 'provider_failed':
      return {
        title: 'The AI provider didn’t answer properly.',
        advice: 'Nothing is wrong with your access. Ask again in a moment, or choose another model.',
      };
    case 'proxy_unavailable':
      return {
        title: 'AI providers can’t be reached right now.',
        advice: `AIPassport’s connection to them is down or busy. ${formatWait(refusal.retryAfterSeconds)}`,
      };
    case 'authorization_server_unavailable':
      return {
        title: 'AIPassport can’t be reached right now.',
        advice: `There was no usable answer from ${issuer}. Try again in a moment.`,
      };
    case 'answer_broken_off':
      return {
        title: 'The answer was cut off.',
        advice: 'The connection to the AI provider was lost. The part that arrived is kept. Ask again for the rest.',
      };
    case 'request_refused':
      return { title: 'The AI provider didn’t accept this question.', advice: refusal.message };
    case 'unexpected':
      return {
        title: 'Something went wrong here.',
        advice: 'The details are in this app’s log. Try again in a moment.',
      };
  }
}

/** A URL in an error's text becomes a link only when it leads to the authorization server itself. */
function chooseManageUrl(manageUrl: string | undefined, issuer: string): string {
  const url = manageUrl === undefined ? null : URL.parse(manageUrl);
  return url?.origin === new URL(issuer).origin ? url.href : `${issuer}/account/apps`;
}

function formatWait(retryAfterSeconds: number | undefined): string {
  if (retryAfterSeconds === undefined) return 'Try again in a moment.';
  return `Try again in ${retryAfterSeconds} ${retryAfterSeconds === 1 ? 'second' : 'seconds'}.`;
}
