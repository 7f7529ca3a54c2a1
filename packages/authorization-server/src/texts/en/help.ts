/** The page "Help". */
export const help = {
  'help.about':
    'AIPassport lets apps use your AI without your API key. You decide which models an app can use, how much it can spend and for how long.',
  'help.yourAiTitle': 'What “your AI” means',
  'help.yourAi':
    'Your AI is an account with an AI provider, which charges you for what you use. An API key is like a password with which programs use that account. You add it once, under <keys>API keys</keys>, and apps never see it. A subscription to the provider’s own chat app is something else: other apps can’t use it.',
  'help.allowTitle': 'What an app is allowed',
  'help.allow':
    'When an app asks for access, a page shows the models, the spending limit and when the access ends. The app gets what you allow there, and nothing else. The app’s page lists it, and you can change it at any time.',
  'help.seeTitle': 'See what an app did',
  'help.see':
    '<apps>Connected apps</apps> lists each app with what it has spent. Choose an app to see its requests: when, which model, the cost and the result. <overview>Overview</overview> shows the total of all apps. We don’t store your questions or the answers.',
  'help.removeTitle': 'Cut an app off',
  'help.remove':
    'Open <apps>Connected apps</apps>, choose the app, then choose “Remove access”. It works at once: an answer in progress stops. If you don’t know which app it is, <all>remove access for all apps</all>.',
  'help.payTitle': 'Who pays',
  'help.pay':
    'The AI provider charges the account of the API key. <keys>API keys</keys> shows whose key is used for each provider. In <settings>Settings</settings>, you can limit what all apps together spend in a month.',
  'help.signInTitle': 'If you can’t sign in',
  'help.signIn':
    'Choose <link>Forgot your password?</link> You need a recovery code or a confirmed email address. If you have neither, ask the person who runs this server.',
  'help.signInWithoutMail':
    'Choose <link>Forgot your password?</link> You need a recovery code. If you have none, ask the person who runs this server.',
  'help.contactTitle': 'Contact',
  'help.contact': 'Reach the person who runs this server: <link>{contact}</link>',
  'help.contactUnknown': 'Ask the person or company that runs this server. They haven’t entered a contact here.',
  'help.developers': 'Do you build apps? <link>Pages for developers</link>',
} as const;
