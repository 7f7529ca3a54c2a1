import { nameSet } from '../name-set.js';

/**
 * Betas that clients may use. Each changes the form of an answer, or allows members of the body that this proxy
 * checks. The names are without the dates of their releases.
 */
export const harmlessBetas = nameSet(
  'advanced-tool-use claude-code code-execution computer-use context-management dev-full-thinking effort',
  'extended-cache-ttl fine-grained-tool-streaming inline-tools interleaved-thinking',
  'mid-conversation-output-config mid-conversation-system mid-conversation-system-clear-at',
  'mid-conversation-tool-changes model-context-window-exceeded output-128k output-300k pdfs per-turn-control',
  'prompt-caching prompt-caching-scope redact-thinking search-results structured-outputs task-budgets',
  'thinking-binding-controls thinking-display-updates thinking-token-count token-counting token-efficient-tools',
  'timing tool-examples tool-search-tool web-fetch web-search',
);
