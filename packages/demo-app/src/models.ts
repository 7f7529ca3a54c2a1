/** A model that this app can talk to, and the vendor whose SDK it uses for that. */
export interface ChatModel {
  readonly id: string;
  readonly vendor: 'OpenAI' | 'Anthropic';
  /** Ticked when the page opens. */
  readonly preselected: boolean;
}

export const chatModels: readonly ChatModel[] = [
  { id: 'gpt-4o-mini', vendor: 'OpenAI', preselected: true },
  { id: 'gpt-4o', vendor: 'OpenAI', preselected: true },
  { id: 'gpt-5-mini', vendor: 'OpenAI', preselected: false },
  { id: 'claude-haiku-4-5', vendor: 'Anthropic', preselected: true },
  { id: 'claude-sonnet-4-5', vendor: 'Anthropic', preselected: false },
  { id: 'claude-opus-4-5', vendor: 'Anthropic', preselected: false },
];

/** The models of a granted scope that this app can use, in the order of its own list. */
export function listAllowedModels(scope: readonly string[]): readonly ChatModel[] {
  return chatModels.filter(({ id }) => scope.includes(`model:${id}`));
}
