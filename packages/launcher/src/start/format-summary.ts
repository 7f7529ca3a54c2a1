import { upstreamVariables } from '@aipassport/policy';
import type { ServerUrls } from './list-servers.js';

/** The facts of the summary that a person sees when everything runs. */
export interface Summary {
  readonly urls: ServerUrls;
  /** The AI vendors for which the environment has a provider key. */
  readonly operatorKeys: readonly string[];
  readonly dataDirectory: string;
  /** The directory of e-mails that are written as files; undefined when a mail server sends them. */
  readonly outbox: string | undefined;
  readonly seconds: number;
  /** SECRET. The link that makes an account the first operator; undefined when there is an operator. */
  readonly operatorLink: string | undefined;
}

/** Formats the URLs to open and the next things to do. */
export function formatSummary(summary: Summary): string {
  const { urls, operatorKeys, dataDirectory, outbox, seconds, operatorLink } = summary;
  const operator =
    operatorLink === undefined
      ? ''
      : `
  This server has no operator yet. Sign in on your page, and then open this link. It works once, within a day:
  ${operatorLink}
`;
  const ai =
    operatorKeys.length === 0
      ? `The AI is SIMULATED: none of ${Object.keys(upstreamVariables.keys).join(', ')} is in the environment.
  Every answer says so. You pay nothing, but the answers count toward the limits of the apps. Add an API key on your
  page to chat with a real model.`
      : `The keys in the environment (${operatorKeys.join(', ')}) serve every account that has none of its own: requests are real and cost money.`;
  return `
AIPassport runs (ready in ${seconds.toFixed(1)} s).

  Open this first   ${urls.demoApp}   a demo app that would like to use your AI
  Your page         ${urls.issuer}   your connected apps and your API keys
  For developers    ${urls.resourceProxy}   the base URL: add /openai/v1, /anthropic or /google

  1. In the demo app, press "Connect your AI". Create an account, and choose what the app can do.
  2. Chat.
  3. On your page, open Connected apps and press "Remove access". Then chat again: the app no longer has access.
${operator}
  ${ai}
  ${outbox === undefined ? 'E-mails are sent by the mail server in SMTP_URL.' : `E-mails are written as files into ${outbox}, since SMTP_URL is not set.`}
  Data, keys and logs are in ${dataDirectory}. Ctrl-C stops everything; the next start uses the same data.
`;
}
