import type { ToolTable } from '../require-known-tools.js';
import { words } from '../words.js';

/** https://ai.google.dev/api/caching#Tool */
export const googleTools: ToolTable = {
  client: words('functionDeclarations computerUse'),
  granted: {
    googleSearch: 'tools.web',
    googleSearchRetrieval: 'tools.web',
    urlContext: 'tools.web',
    codeExecution: 'code',
  },
};
