/** What an app can use: models, and what it can do with them. */
export const permissions = {
  'permissions.model': '{model} ({provider})',
  'permissions.allModels': 'All {provider} models',
  'permissions.allModelsWarning': 'Includes the most expensive models, and any added later.',
  'permissions.gone': '{model} (no longer available)',
  'permissions.alias': 'The AI provider decides which model this name stands for. Right now, that should be {model}.',
  'permissions.aliasOfMany':
    'The AI provider decides which model this name stands for. Right now, that should be {model}. While a request runs, we reserve the price of the most expensive option.',
  'permissions.chat': 'Send messages and get answers',
  'permissions.embeddings': 'Turn text into embeddings for search and comparison',
  'permissions.images': 'Generate images',
  'permissions.audio': 'Generate speech and transcribe recordings',
  'permissions.code': 'Run code on the AI provider’s computers',
  'permissions.codeWarning': 'The AI provider charges extra for running code.',
  'permissions.files': 'Store files at the AI provider and use them in chats',
  'permissions.filesWarning':
    'The AI provider keeps each file in your account there, for at most 30 days. Other apps that you allow here cannot read it.',
  'permissions.web': 'Search the web and open links the app provides',
  'permissions.webWarning':
    'The AI provider charges extra for searches, and pages it opens could influence its answers.',
} as const;
