/** The pages for developers of apps. */
export const developers = {
  'developers.title': 'Developers',
  'developers.about':
    'Let people use their own AI access in your app. Your app gets a token with the limits that this person chose, and never sees an API key.',
  'developers.urls': 'Addresses',
  'developers.issuer': 'Authorization server (issuer)',
  'developers.proxy': 'Resource proxy, the base URL for AI requests',
  'developers.quickStart': 'Quick start',
  'developers.step1': 'Register your app and choose where people return to.',
  'developers.step2': 'Send the person to {code} with PKCE, and name the models and limits that you need.',
  'developers.step3': 'Exchange the code for tokens at {code}.',
  'developers.step4':
    'Call the AI provider’s own API at the resource proxy, with the access token in place of the API key.',
  'developers.reference': 'API reference',
  'developers.serverReference': 'Authorization server',
  'developers.proxyReference': 'Resource proxy',
  'developers.adminReference': 'Admin API for operators',
  'developers.metadata': 'Metadata of this server',
  'developers.openapi': 'OpenAPI file',
  'developers.operations': 'All operations',
  'developers.schemas': 'Objects',
  'developers.parameters': 'Parameters',
  'developers.body': 'Request body',
  'developers.answers': 'Answers',
  'developers.required': 'required',
} as const;
