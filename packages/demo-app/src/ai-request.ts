import { chatModels } from './models.js';

/** The access that this app asks the resource owner for. The owner may grant less. */
export interface AiRequest {
  /** Scope tokens: `model:<id>` and `cap:<name>`. */
  readonly scope: readonly string[];
  readonly maxRequests: number | undefined;
  readonly maxRequestsPerMinute: number | undefined;
  /** Decimal text in US dollars. */
  readonly maxCostUsd: string | undefined;
  readonly lifetimeSeconds: number | undefined;
  readonly reason: string | undefined;
}

/** AIPassport's pages use the same words. */
export const chatLabel = 'Send messages and get answers';

/** Capabilities that this app can ask for. It uses only chat; the other capabilities only demonstrate the choice. */
export const askableCapabilities = [
  { name: 'chat', label: chatLabel, preselected: true },
  { name: 'embeddings', label: 'Turn text into embeddings for search and comparison', preselected: false },
  { name: 'images', label: 'Generate images', preselected: false },
] as const;

export const lifetimes = [
  { seconds: 3_600, label: '1 hour' },
  { seconds: 86_400, label: '1 day' },
  { seconds: 604_800, label: '7 days' },
  { seconds: 2_592_000, label: '30 days' },
] as const;

export const maxReasonLength = 300;

export type AiRequestParse =
  | { readonly ok: true; readonly request: AiRequest }
  | { readonly ok: false; readonly problem: string };

/** Reads the form of the connect page. Models and capabilities that it does not offer are refused, not passed on. */
export function parseAiRequest(body: unknown): AiRequestParse {
  const form = (typeof body === 'object' && body !== null ? body : {}) as Readonly<Record<string, unknown>>;
  const models = readChoices(form['model']);
  const capabilities = readChoices(form['capability']);
  if (models.length === 0) return refuse('Select at least one model.');
  if (capabilities.length === 0) return refuse('Select at least one thing that the app can do.');
  if (!models.every((model) => chatModels.some(({ id }) => id === model)))
    return refuse('This app doesn’t use that model.');
  if (!capabilities.every((capability) => askableCapabilities.some(({ name }) => name === capability))) {
    return refuse('This app doesn’t ask for that.');
  }
  const maxRequests = parseLimit(form['max_requests'], 1_000_000);
  const maxRequestsPerMinute = parseLimit(form['max_requests_per_minute'], 10_000);
  if (maxRequests === null || maxRequestsPerMinute === null)
    return refuse('Enter request limits as whole numbers of 1 or more, or leave them blank.');
  const maxCostUsd = parseMoney(form['max_cost_usd']);
  if (maxCostUsd === null) return refuse('Enter the spending limit in US dollars, like 2.50, or leave it blank.');
  const lifetimeSeconds = parseLimit(form['expires_in'], 2_592_000);
  if (lifetimeSeconds === null) return refuse('Choose how long the access lasts.');
  const reason = typeof form['reason'] === 'string' ? form['reason'].trim() : '';
  if (reason.length > maxReasonLength) return refuse(`Use ${maxReasonLength} characters or fewer for the message.`);
  return {
    ok: true,
    request: {
      scope: [...models.map((model) => `model:${model}`), ...capabilities.map((capability) => `cap:${capability}`)],
      maxRequests,
      maxRequestsPerMinute,
      maxCostUsd,
      lifetimeSeconds,
      reason: reason === '' ? undefined : reason,
    },
  };
}

/** The RFC 9396 object that proposes limits. Models and capabilities are already in the scope. */
export function buildAuthorizationDetails(request: AiRequest): string {
  return JSON.stringify([
    {
      type: 'ai_access',
      max_requests: request.maxRequests,
      max_requests_per_minute: request.maxRequestsPerMinute,
      max_cost_usd: request.maxCostUsd,
      expires_in: request.lifetimeSeconds,
      reason: request.reason,
    },
  ]);
}

function refuse(problem: string): AiRequestParse {
  return { ok: false, problem };
}

/** The form sends one ticked checkbox as a text, and several as a list. */
function readChoices(value: unknown): readonly string[] {
  const values = Array.isArray(value) ? value : [value];
  return [...new Set(values.filter((choice) => typeof choice === 'string'))];
}

/** @returns undefined for an empty field, null for anything but a whole number from 1 to `max` */
function parseLimit(value: unknown, max: number): number | undefined | null {
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string' || !/^[1-9]\d{0,8}$/.test(value)) return null;
  return Number(value) <= max ? Number(value) : null;
}

/** @returns undefined for an empty field, null for anything but dollars and cents from 0.01 to 99999.99 */
function parseMoney(value: unknown): string | undefined | null {
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string' || !/^(?:0|[1-9]\d{0,4})(?:\.\d{1,2})?$/.test(value)) return null;
  return Number(value) > 0 ? value : null;
}
